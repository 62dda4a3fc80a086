/** Fills a new shop with what a newcomer can try: a catalogue, two customers and an admin. Run again, it changes nothing. */
import { randomBytes } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import { ConfigError, dataPath, defineConfig, flag, generatedSecret } from "#core/config.ts";
import { workContext } from "#core/context.ts";
import { catalogue } from "./catalogue.ts";

export const config = defineConfig("demo", {
  DEMO: flag(
    "Make the demo accounts, one of them an admin's, and goods when the platform starts; off for a real shop.",
    true,
  ),
});

export const accountsFile = (): string => dataPath("demo-accounts.json");

export interface DemoAccount {
  readonly role: "customer" | "staff" | "admin";
  readonly email: string;
  readonly password: string;
}

const people = [
  { role: "customer", email: "mina@madang.example", name: "김미나", language: "ko" },
  { role: "customer", email: "alex@madang.example", name: "Alex Reed", language: "en" },
  { role: "admin", email: "admin@madang.example", name: "Admin", language: "en" },
] as const;

/** Random for each data folder, kept in `demo-accounts.json` (mode 0600) there. */
function accounts(): readonly DemoAccount[] {
  const make = () =>
    JSON.stringify(
      people.map(({ role, email }) => ({ role, email, password: randomBytes(8).toString("hex") })),
      null,
      2,
    );
  try {
    return JSON.parse(generatedSecret("../demo-accounts.json", make)) as DemoAccount[];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ConfigError(`The file ${accountsFile()} is damaged: remove it, or set DEMO=off.`);
  }
}

/** Milliseconds that busy nodes may take to be found. */
const PATIENCE = 120_000;

/** @returns the sign-ins */
export async function seedDemo(broker: ServiceBroker): Promise<readonly DemoAccount[]> {
  const demo = broker.createService({ name: "demo" });
  await broker.waitForServices(["v1.user", "v1.product"], PATIENCE);
  const ctx = workContext(demo);
  const signIns = accounts();
  for (const { email, password } of signIns) {
    const { role, name, language } = people.find((person) => person.email === email)!;
    await ctx.call("user.seed", { email, password, name, language, roles: [role] });
  }
  await ctx.call("product.seed", { products: catalogue });
  await broker.destroyService(demo);
  return signIns;
}
