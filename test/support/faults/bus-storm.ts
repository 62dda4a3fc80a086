/** Orders over one bus while nodes and the server of the bus are killed. */
import { buses } from "../../../scripts/cluster/carriers.ts";
import { busServers } from "../systems/bus-servers.ts";
import { isHere } from "../systems/is-here.ts";
import { ClusterFaultsRun } from "./cluster-faults-run.ts";
import { atOnce, inTurn, killNodes, restartServer } from "./cluster-faults.ts";

/** Kills of nodes, and of the server meanwhile. */
const [NODES, SERVER] = [20, 6];

/** Defines the spec; one in a file, since each cluster has keys of its own. */
export function busStorm(bus: keyof typeof busServers): void {
  if (!isHere(busServers[bus].find)) return;

  it(`sells over ${bus} through ${NODES} kills of nodes and ${SERVER} of its server`, async () => {
    const run = await ClusterFaultsRun.open({ nodes: 2, rate: 5, direct: true, carriers: { bus } });
    const restarts = inTurn(...Array.from({ length: SERVER }, () => restartServer(buses[bus])));
    try {
      await run.survive(`kills over ${bus}`, atOnce(killNodes(NODES, { down: 2 }), restarts));
    } finally {
      await run.close();
    }
  }, 3_600_000);
}
