/**
 * `npm run seed`: the demo data, for a deployment that should have it; through its nodes when there are any. Where only some
 * services run, `--of user,product` names those whose data is made.
 */
import { globSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { ServiceSchema } from "moleculer";
import { giveUp } from "./fault.ts";

/** All services but gateways, because an event of this data folder needs its subscribers in the same process. */
async function services(): Promise<readonly ServiceSchema[]> {
  const { contracts } = await import("./services.ts");
  const gateways = new Set((await contracts()).filter(({ gateway }) => gateway).map(({ name }) => name));
  const files = globSync("services/*/*.service.ts").filter((path) => !gateways.has(basename(path, ".service.ts")));
  const modules = files.map((path) => import(pathToFileURL(path).href) as Promise<{ default: ServiceSchema }>);
  return (await Promise.all(modules)).map((module) => module.default);
}

async function seed(): Promise<void> {
  const { show, of } = parseArgs({ options: { show: { type: "boolean" }, of: { type: "string" } } }).values;
  const { topology } = await import("./topology.ts");
  const local = topology.isCluster ? [] : await services();
  const [{ commandBroker }, { seedDemo }, { signIns }] = await Promise.all([
    import("./command.ts"),
    import("./demo.ts"),
    import("./welcome.ts"),
  ]);
  const broker = await commandBroker();
  for (const service of local) broker.createService(service);
  await broker.start();
  const accounts = await seedDemo(broker, of?.split(","));
  await broker.stop();
  console.log(signIns(accounts, process.stdout.isTTY || show === true));
  // A connection that was never made cannot be given up: NATS_SYSTEM_URL may be out of reach.
  process.exit();
}

seed().catch(giveUp);
