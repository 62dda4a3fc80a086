/** What a newcomer reads when the platform is open. */
import type { DemoAccount } from "./demo/seed.ts";

/** @param addresses of the gateways, the first of which is shown with its pages */
export function welcome(addresses: readonly string[], accounts: readonly DemoAccount[]): void {
  const [first, ...others] = addresses;
  const signIns = accounts.map(({ role, email, password }) => `    ${role.padEnd(9)} ${email.padEnd(22)} ${password}`);
  console.log(`
  Madang is open · 마당이 열렸습니다

    Address        ${first}${others.map((address) => `\n                   ${address}`).join("")}
    Reference      ${first}/docs
    Health         ${first}/health
${signIns.length > 0 ? `\n  Demo sign-ins · 데모 계정\n${signIns.join("\n")}\n` : ""}
  Ctrl-C stops it · 멈추려면 Ctrl-C
`);
}
