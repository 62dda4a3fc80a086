/** A cluster under load whose nodes and servers die, stand still, lose their memory and each other: the books stay right. */
import { ClusterStorm } from "../support/cluster-storm.ts";
import { freezeNodes, inTurn, killNodes, partition, restartServer, wipeJetStream } from "../support/mischief.ts";

const everything = inTurn(
  killNodes(8),
  freezeNodes(["order"], 7000),
  restartServer("nats"),
  restartServer("redis"),
  restartServer("postgres"),
  restartServer("provider"),
  wipeJetStream("notification"),
  partition(5000),
);

it("sells through kills, a freeze, restarts of all servers, a wiped JetStream and a partition", async () => {
  const storm = await ClusterStorm.open({ nodes: 2, rate: 20, island: "order-1" });
  try {
    await storm.survive("everything in turn", everything);
  } finally {
    await storm.close();
  }
}, 1_200_000);
