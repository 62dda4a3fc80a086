/** Fills a new shop with what a newcomer can try: what each `<service>.demo.ts` brings. Run again, it changes nothing. */
import { randomBytes } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import { ConfigError, dataPath, defineConfig, flag, generatedSecret } from "#core/config.ts";
import { type Ctx, workContext } from "#core/context.ts";
import { demoModules } from "./services.ts";

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

/** Random for each data folder, kept in `demo-accounts.json` (mode 0600) there. */
export function demoAccounts(people: readonly Omit<DemoAccount, "password">[]): readonly DemoAccount[] {
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

/** What a `<service>.demo.ts` exports as `demo`. @returns the sign-ins it made, if any */
export type Demo = (ctx: Ctx) => Promise<readonly DemoAccount[]>;

/** @param of the services whose demo data is made; all unless given */
export async function seedDemo(broker: ServiceBroker, of?: readonly string[]): Promise<readonly DemoAccount[]> {
  const all = await demoModules<{ demo: Demo }>();
  const modules = all.filter(([service]) => of?.includes(service) ?? true);
  const asking = broker.createService({ name: "demo" });
  await broker.waitForServices(
    modules.map(([service]) => `v1.${service}`),
    PATIENCE,
  );
  const ctx = workContext(asking);
  const signIns: DemoAccount[] = [];
  for (const [, { demo }] of modules) signIns.push(...(await demo(ctx)));
  await broker.destroyService(asking);
  return signIns;
}
