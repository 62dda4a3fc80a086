/** Nodes that die one after the other while a steady hundred purchases a second begin, and then four at a time. */
import { ClusterFaultsRun } from "../support/faults/cluster-faults-run.ts";
import { killNodes } from "../support/faults/cluster-faults.ts";

jest.setTimeout(1_800_000);

describe("three nodes of each service under load", () => {
  let run: ClusterFaultsRun;

  beforeAll(async () => {
    run = await ClusterFaultsRun.open({ nodes: 3, ordinary: 0.9, direct: true });
    await run.warmUp();
  });
  afterAll(() => run.close());

  it("survive 100 kills of nodes", () => run.survive("kill -9 of nodes", killNodes(100, { down: 1, pause: 5000 })));

  it("survive kills of four nodes at once", () => run.survive("kill -9 of four nodes at once", killNodes(50)));
});
