/** `npm run console`: a node without services, whose terminal is for those who operate the platform. */
import { ServiceBroker } from "moleculer";
import { ConfigError } from "#core/config.ts";
import { giveUp, toldOnce } from "./fault.ts";
import { joinLocalCluster } from "./join.ts";

async function open(): Promise<void> {
  joinLocalCluster();
  const [{ topology }, { default: config }, { openConsole }] = await Promise.all([
    import("#mixins/node/topology.ts"),
    import("../moleculer.config.ts"),
    import("#mixins/repl/console.ts"),
  ]);
  if (!topology.isCluster)
    throw new ConfigError("There is nothing to join: set TRANSPORTER as the nodes have it, or run `npm run cluster`.");
  const broker = new ServiceBroker(toldOnce({ ...config, logLevel: "warn" }));
  await broker.start();
  openConsole(broker, () => void broker.stop().then(() => process.exit(0)));
}

open().catch(giveUp);
