/** Calls of a node that is frozen, over a real NATS server: nobody answers them, and nothing of them may stay. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { joinCluster, NodeProcess } from "../../test/support/systems/nodes.ts";

interface Inside {
  readonly _trackedContexts: readonly unknown[];
  readonly transit: { readonly pendingRequests: ReadonlyMap<string, unknown> };
}

describe("a call that is not answered in time", () => {
  const folder = mkdtempSync(join(tmpdir(), "madang-deadline-"));
  let nats: Nats;
  let broker: ServiceBroker;
  let node: NodeProcess;

  beforeAll(async () => {
    nats = await startNats({ folder });
    const env = { TRANSPORTER: nats.url, BUS: "nats" };
    broker = await joinCluster("caller.test", env);
    node = await NodeProcess.start({ id: "echo.frozen", services: ["test/support/systems/echo-service.ts"], env });
    await broker.waitForServices("v1.echo");
  });
  afterAll(async () => {
    await broker.stop();
    await node.end("SIGKILL");
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("leaves nothing behind, a thousand times, so that the caller's node stops without waiting", async () => {
    const { _trackedContexts: tracked, transit } = broker as unknown as Inside;
    node.signal("SIGSTOP");
    const calls = Array.from({ length: 1000 }, () => broker.call("v1.echo.where", {}, { timeout: 200 }));
    expect(tracked).toHaveLength(1000);
    const ends = await Promise.allSettled(calls);
    expect(ends.filter(({ status }) => status === "fulfilled")).toEqual([]);
    expect([tracked.length, transit.pendingRequests.size]).toEqual([0, 0]);
    const faults: unknown[] = [];
    broker.logger.error = (fault: unknown) => void faults.push(fault);
    await broker.stop();
    expect(faults).toEqual([]);
  });
});
