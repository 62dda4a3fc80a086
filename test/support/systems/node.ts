/** A node as a process of its own: `node test/support/systems/node.ts <module of services> …`, configured by its environment. */
import { pathToFileURL } from "node:url";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { loadBundles } from "#mixins/node/bundles.mjs";

/** A service of the platform, or several of a test. */
interface Module {
  readonly default: ServiceSchema;
  readonly services?: readonly ServiceSchema[];
}

// Who started it is gone.
process.once("disconnect", () => process.exit());

loadBundles();
const { default: config } = await import("../../../moleculer.config.ts");
const broker = new ServiceBroker(config);
for (const path of process.argv.slice(2)) {
  const module = (await import(pathToFileURL(path).href)) as Module;
  for (const service of module.services ?? [module.default]) broker.createService(service);
}
await broker.start();
process.send!("ready");
