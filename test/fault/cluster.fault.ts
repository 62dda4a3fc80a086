/** The faults of cluster.spec.ts with three nodes of each service, longer, harder, and each fault by itself. */
import { ClusterFaultsRun } from "../support/faults/cluster-faults-run.ts";
import {
  blackHole,
  delay,
  freezeNodes,
  inTurn,
  partition,
  reset,
  restartServer,
  wipeJetStream,
} from "../support/faults/cluster-faults.ts";

jest.setTimeout(900_000);

const SERVICES = ["user", "product", "order", "payment", "notification", "api"];
const SERVERS = ["nats", "redis", "postgres", "provider"] as const;

describe("three nodes of each service under load", () => {
  let run: ClusterFaultsRun;

  beforeAll(async () => {
    run = await ClusterFaultsRun.open({ nodes: 3, ordinary: 0.9, isolatedNode: "order-1" });
    await run.warmUp();
  });
  afterAll(() => run.close());

  it("survive nodes that stand still for 20 s", () => run.survive("SIGSTOP for 20 s", freezeNodes(SERVICES, 20_000)));

  it.each(SERVERS)("survive kills of %s", (name) =>
    run.survive(`kill -9 of ${name}`, inTurn(...Array.from({ length: 3 }, () => restartServer(name)))),
  );

  it("survive that JetStream's store is wiped", () =>
    run.survive(
      "JetStream wiped",
      inTurn(wipeJetStream("notification"), wipeJetStream("order"), wipeJetStream("notification")),
    ));

  it.each(SERVERS)("survive a slow, silent and broken way to %s", (name) =>
    run.survive(
      `delay, black hole and reset before ${name}`,
      inTurn(delay(name, 100, 5000), blackHole(name, 10_000), reset(name, 10)),
    ),
  );

  it("survive the partition of a node", () =>
    run.survive("partition", inTurn(partition(20_000), partition(3000), partition(8000))));
});
