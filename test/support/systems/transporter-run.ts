/** A way in which nodes may reach each other: it carries the whole flow of an order, also while nodes and its server die. */
import { findDaemon } from "../../../scripts/cluster/binaries.ts";
import { type Carriers, transporters } from "../../../scripts/cluster/carriers.ts";
import { kafkaHome } from "../../../scripts/cluster/kafka.jars.ts";
import { ClusterFaultsRun } from "../faults/cluster-faults-run.ts";
import { inTurn, killNodes, restartServer } from "../faults/cluster-faults.ts";
import { isHere } from "./is-here.ts";

const programs: { readonly [T in Carriers["transporter"]]?: () => string } = {
  amqp: () => findDaemon("rabbitmq-server"),
  mqtt: () => findDaemon("mosquitto"),
  kafka: kafkaHome,
};

/** Defines the spec; one in a file, since each cluster has keys of its own. */
export function transporterRun(transporter: Carriers["transporter"]): void {
  if (!isHere(programs[transporter] ?? (() => ""))) return;
  const server = transporters[transporter];
  /** Each counts from the kills before it. */
  const kills = killNodes(3, { down: 1 });

  it(`sells over ${transporter} while nodes are killed, and its server`, async () => {
    const run = await ClusterFaultsRun.open({ nodes: 2, rate: 5, direct: true, carriers: { transporter } });
    try {
      await run.survive(`kill -9 over ${transporter}`, server ? inTurn(kills, restartServer(server), kills) : kills);
    } finally {
      await run.close();
    }
  }, 600_000);
}
