/** @databases postgres: which stands beside NATS wherever it is deployed; the specs beside this one run on both. */
import { join } from "node:path";
import { connect } from "nats";
import { startNats } from "../../../scripts/cluster/servers.ts";
import { busConformance } from "../../../test/support/systems/bus-conformance.ts";

const server = await startNats({ folder: join(process.env.DATA_DIR!, "nats") });

async function clear(): Promise<void> {
  const connection = await connect({ servers: server.url });
  const jsm = await connection.jetstreamManager();
  await jsm.streams.delete("madang-note").catch(() => false);
  await connection.close();
}

await busConformance("NATS JetStream", Object.assign(server, { clear, reorders: true }));
