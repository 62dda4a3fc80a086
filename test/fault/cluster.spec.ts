/** A cluster under load whose nodes and servers die, stand still, lose their memory and each other: no invariant breaks. */
import { ClusterFaultsRun } from "../support/faults/cluster-faults-run.ts";
import {
  atOnce,
  freezeNodes,
  inTurn,
  killNodes,
  partition,
  restartServer,
  wipeJetStream,
} from "../support/faults/cluster-faults.ts";

const everything = inTurn(
  killNodes(6),
  // While one stands still, or is cut off, the others lose what they work with.
  atOnce(freezeNodes(["order"], 7000), inTurn(restartServer("redis"), restartServer("provider"))),
  restartServer("nats"),
  atOnce(partition(5000), inTurn(restartServer("postgres"), wipeJetStream("notification"))),
);

it("sells through kills, a freeze, restarts of all servers, a wiped JetStream and a partition", async () => {
  const run = await ClusterFaultsRun.open({ nodes: 2, rate: 6, isolatedNode: "order-1" });
  try {
    await run.survive("everything in turn", everything);
  } finally {
    await run.close();
  }
}, 1_200_000);
