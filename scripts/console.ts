/** `npm run console`: a node without services, whose terminal is for those who operate the platform. */
import { ServiceBroker } from "moleculer";
import { ConfigError } from "#core/config.ts";
import { giveUp } from "./fault.ts";

async function open(): Promise<void> {
  const [{ topology }, { default: config }] = await Promise.all([
    import("#core/topology.ts"),
    import("../moleculer.config.ts"),
  ]);
  if (!topology.isCluster)
    throw new ConfigError("There is nothing to join: set TRANSPORTER as the nodes have it, or run `npm run cluster`.");
  const broker = new ServiceBroker({ ...config, logLevel: "warn" } as never);
  await broker.start();
  broker.repl();
}

open().catch(giveUp);
