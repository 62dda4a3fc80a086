/** Two customers and an administrator for the demo shop. */
import { type Demo, demoAccounts } from "#mixins/node/demo.ts";

const people = [
  { role: "customer", email: "mina@madang.example", name: "김미나", language: "ko" },
  { role: "customer", email: "alex@madang.example", name: "Alex Reed", language: "en" },
  { role: "admin", email: "admin@madang.example", name: "Admin", language: "en" },
] as const;

export const demo: Demo = async (ctx) => {
  const accounts = demoAccounts(people.map(({ role, email }) => ({ role, email })));
  for (const { email, password } of accounts) {
    const { role, name, language } = people.find((person) => person.email === email)!;
    await ctx.call("user.seed", { email, password, name, language, roles: [role] });
  }
  return accounts;
};
