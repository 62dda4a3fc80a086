/** No node of a service answers: its callers are told at once, all else works, and it heals by itself. */
import { LostService } from "../support/faults/lost-service.ts";
import { AvailabilityRun } from "../support/faults/availability-run.ts";

// Within, so that it is closed before its folder is removed.
describe("a service that is wholly down", () => {
  let shop: AvailabilityRun;
  beforeAll(async () => {
    shop = await AvailabilityRun.open({ nodes: 2 });
  });
  afterAll(() => shop.close());
  afterEach(() => shop.whole());

  it.each(["product", "order", "payment", "user", "notification"])(
    "%s, because it was killed, is refused within 50 ms, and answers when it is back",
    async (name) => {
      const lost = await LostService.of(shop, name);
      lost.signal("SIGKILL");
      try {
        await lost.isTold({ nodes: 0, available: false });
        await lost.isRefused();
        const isNeeded = ["product", "order", "payment"].includes(name);
        await (isNeeded ? lost.isRefused(lost.aPurchase) : lost.isAnswered(lost.aPurchase, 201));
        if (name !== "product") await lost.isAnswered(lost.aProduct, 200);
      } finally {
        await lost.start();
      }
      await lost.heals();
    },
  );

  it.each(["product", "order", "payment", "user", "notification"])(
    "%s, because it stands still, is refused within 50 ms, and answers by itself when it goes on",
    async (name) => {
      const lost = await LostService.of(shop, name);
      lost.signal("SIGSTOP");
      try {
        await lost.becomes(503);
        await lost.isMissed();
        await lost.isRefused();
        if (name !== "product") await lost.isAnswered(lost.aProduct, 200);
        if (name === "payment") await lost.isRefused(lost.aPurchase);
        if (name === "notification") await lost.isAnswered(lost.aPurchase, 201);
      } finally {
        lost.signal("SIGCONT");
      }
      await lost.heals();
    },
  );

  it("leaves the books right", async () => {
    expect(await shop.violations()).toEqual([]);
  });
});
