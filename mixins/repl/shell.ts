/** `npm run shell`: a node without services, whose terminal is for those who operate the platform. */
import { ConfigError } from "#core/config.ts";
import { giveUp } from "../node/fault.ts";
import { joinLocalCluster } from "../node/join.ts";

async function open(): Promise<void> {
  joinLocalCluster();
  const [{ topology }, { commandBroker }, { openShell }] = await Promise.all([
    import("../node/topology.ts"),
    import("../node/command.ts"),
    import("./open-shell.ts"),
  ]);
  if (!topology.isCluster)
    throw new ConfigError("There is nothing to join: set TRANSPORTER as the nodes have it, or run `npm run cluster`.");
  const broker = await commandBroker();
  await broker.start();
  openShell(broker, () => void broker.stop().then(() => process.exit(0)));
}

open().catch(giveUp);
