/** A cluster under load that loses nodes, a service, and Redis: a short run of what the `.fault.ts` files prove at length. */
import { LostService } from "../support/faults/lost-service.ts";
import { RedisAway } from "../support/faults/redis-away.ts";
import { buyAtOnce, sendToAll } from "../support/actors/simultaneous-buyers.ts";
import { AvailabilityRun } from "../support/faults/availability-run.ts";

const load = { reads: 30, writes: 10 };

// Within, so that it is closed before its folder is removed.
describe("two nodes of each service", () => {
  let shop: AvailabilityRun;
  beforeAll(async () => {
    shop = await AvailabilityRun.open({ nodes: 2, env: RedisAway.env });
  });
  afterAll(() => shop.close());

  it.each(["product", "order"])("fail no request when one of %s is killed", async (service) => {
    const { report, limit } = await shop.crash(`${service}-1`, load);
    expect(report.failures).toEqual([]);
    expect(report.worst).toBeLessThan(limit);
  });

  it("fail no read and no write with a key when a gateway is killed behind the load balancer", async () => {
    const { report, limit } = await shop.crash("api-1", { ...load, through: "haproxy" });
    await shop.revive("product-1", "order-1", "api-1");
    expect(report.failures).toEqual([]);
    expect(report.worst).toBeLessThan(limit);
  });

  it("fail no request when one of payment stands still", async () => {
    const { report, limit } = await shop.freeze("payment-2", 4000, load);
    expect(report.failures).toEqual([]);
    expect(report.worst).toBeLessThan(limit);
  });

  it("fail no request when one of order and then a gateway is restarted", async () => {
    const { failures } = await shop.restart(["order-1", "api-2"], { ...load, through: "haproxy" });
    expect(failures).toEqual([]);
  });

  it("refuse at once what needs a service that is wholly down, do all else, and heal by themselves", async () => {
    const lost = await LostService.of(shop, "payment");
    lost.signal("SIGSTOP");
    try {
      await lost.becomes(503);
      await lost.isMissed();
      await lost.isRefused();
      await lost.isRefused(lost.aPurchase);
      await lost.isAnswered(lost.aProduct, 200);
    } finally {
      lost.signal("SIGCONT");
    }
    await lost.heals();
  });

  it("sell ten units to ten of a hundred buyers, and one to a key that is sent to both gateways", async () => {
    const id = await shop.newProduct(10);
    expect(await buyAtOnce(shop.cluster.urls, id, 100)).toEqual({ confirmed: 10, "409 ORDER_OUT_OF_STOCK": 90 });
    const other = await shop.newProduct(20);
    for (const answers of await Promise.all(Array.from({ length: 20 }, () => sendToAll(shop.cluster.urls, other))))
      expect(answers).toEqual([expect.stringMatching(/^201 /)]);
    expect(await shop.stockOf(other)).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });

  it("go on without Redis", async () => {
    const { failures } = await new RedisAway(shop).survive("SIGKILL", 500);
    expect(failures).toEqual([]);
  });

  it("have kept the books right", async () => {
    expect(await shop.violations()).toEqual([]);
  });
});
