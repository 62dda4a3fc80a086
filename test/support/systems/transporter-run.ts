/** A way in which nodes may reach each other: it carries the whole flow of an order, also while nodes and its server die. */
import { type Carriers, findServer, transporters } from "../../../scripts/cluster/carriers.ts";
import { ClusterFaultsRun } from "../faults/cluster-faults-run.ts";
import { inTurn, killNodes, restartServer } from "../faults/cluster-faults.ts";
import { isHere } from "./is-here.ts";

/** Defines the spec; one in a file, since each cluster has keys of its own. */
export function transporterRun(transporter: Carriers["transporter"]): void {
  const server = transporters[transporter];
  if (!isHere(() => findServer(server))) return;
  /** Each counts from the kills before it. */
  const kills = killNodes(3, { down: 1 });

  it(`sells over ${transporter} while nodes are killed, and its server`, async () => {
    const run = await ClusterFaultsRun.open({ nodes: 2, rate: 5, direct: true, carriers: { transporter } });
    try {
      await run.survive(`kill -9 over ${transporter}`, server ? inTurn(kills, restartServer(server), kills) : kills);
    } finally {
      await run.close();
    }
  }, 3_600_000);
}
