/** A cluster under load that loses nodes, a service, and Redis: a short run of what the `.fault.ts` files prove at length. */
import { ServiceOutage } from "../support/faults/service-outage.ts";
import { RedisOutage } from "../support/faults/redis-outage.ts";
import { buyAtOnce, sendToAll } from "../support/actors/simultaneous-buyers.ts";
import { AvailabilityRun } from "../support/faults/availability-run.ts";

const load = { reads: 20, writes: 8 };

// Within, so that it is closed before its folder is removed.
describe("two nodes of each service", () => {
  let run: AvailabilityRun;
  beforeAll(async () => {
    run = await AvailabilityRun.open({ nodes: 2, env: RedisOutage.env });
  });
  afterAll(() => run.close());

  it.each(["product", "order"])("fail no request when one of %s is killed", async (service) => {
    const { report, limit } = await run.crash(`${service}-1`, load);
    expect(report.failures).toEqual([]);
    expect(report.worst).toBeLessThan(limit);
  });

  it("fail no read and no write with a key when a gateway is killed behind the load balancer", async () => {
    const { report, limit } = await run.crash("api-1", { ...load, through: "haproxy" });
    await run.revive("product-1", "order-1", "api-1");
    expect(report.failures).toEqual([]);
    expect(report.worst).toBeLessThan(limit);
  });

  it("fail no request when one of payment stands still", async () => {
    const { report, limit } = await run.freeze("payment-2", 4000, load);
    expect(report.failures).toEqual([]);
    expect(report.worst).toBeLessThan(limit);
  });

  it("fail no request when one of order and then a gateway is restarted", async () => {
    const { failures } = await run.restart(["order-1", "api-2"], { ...load, through: "haproxy" });
    expect(failures).toEqual([]);
  });

  it("refuse at once what needs a service that is wholly down, do all else, and heal by themselves", async () => {
    const outage = await ServiceOutage.of(run, "payment");
    outage.signal("SIGSTOP");
    try {
      await outage.becomes(503);
      await outage.isMissed();
      await outage.isRefused();
      await outage.isRefused(outage.anOrder);
      await outage.isAnswered(outage.aProduct, 200);
    } finally {
      outage.signal("SIGCONT");
    }
    await outage.heals();
  });

  it("sell ten units to ten of a hundred buyers, and one to a key that is sent to both gateways", async () => {
    const id = await run.newProduct(10);
    expect(await buyAtOnce(run.cluster.urls, id, 100)).toEqual({ confirmed: 10, "409 ORDER_OUT_OF_STOCK": 90 });
    const other = await run.newProduct(20);
    for (const answers of await Promise.all(Array.from({ length: 20 }, () => sendToAll(run.cluster.urls, other))))
      expect(answers).toEqual([expect.stringMatching(/^201 /)]);
    expect(await run.stockOf(other)).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });

  it("go on without Redis", async () => {
    const { failures } = await new RedisOutage(run).survive("SIGKILL", 500);
    expect(failures).toEqual([]);
  });

  it("have left every invariant true", async () => {
    expect(await run.violations()).toEqual([]);
  });
});
