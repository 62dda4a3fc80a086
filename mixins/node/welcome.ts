/** What a newcomer reads when the platform is open. */
import { accountsFile, type DemoAccount } from "./demo.ts";

/** Passwords are for a person's screen: a log, which others read and which is kept, is told where they are. */
export function signIns(accounts: readonly DemoAccount[], isShown = process.stdout.isTTY): string {
  if (accounts.length === 0) return "";
  const lines = isShown
    ? accounts.map(({ role, email, password }) => `${role.padEnd(9)} ${email.padEnd(22)} ${password}`)
    : [accountsFile()];
  return `\n  Demo sign-ins · 데모 계정\n${lines.map((line) => `    ${line}`).join("\n")}\n`;
}

/** @param addresses of the gateways, the first of which is shown with its pages */
export function welcome(addresses: readonly string[], accounts: readonly DemoAccount[]): void {
  const [first, ...others] = addresses;
  console.log(`
  Madang is open · 마당이 열렸습니다

    Address        ${first}${others.map((address) => `\n                   ${address}`).join("")}
    Reference      ${first}/docs
    Player         ${first}/watch
    Health         ${first}/health
${signIns(accounts)}
  Ctrl-C stops it · 멈추려면 Ctrl-C
`);
}
