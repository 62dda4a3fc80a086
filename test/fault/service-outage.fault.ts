/** No node of a service answers: its callers get an error at once, everything else works, and it recovers by itself. */
import { ServiceOutage } from "../support/faults/service-outage.ts";
import { AvailabilityRun } from "../support/faults/availability-run.ts";

// Within, so that it is closed before its folder is removed.
describe("a service that is wholly down", () => {
  let run: AvailabilityRun;
  beforeAll(async () => {
    run = await AvailabilityRun.open({ nodes: 2 });
  });
  afterAll(() => run.close());
  afterEach(() => run.whole());

  it.each(["product", "order", "payment", "user", "notification"])(
    "%s, because it was killed, is refused within 50 ms, and answers when it is back",
    async (name) => {
      const outage = await ServiceOutage.of(run, name);
      outage.signal("SIGKILL");
      try {
        await outage.isReported({ nodes: 0, available: false });
        await outage.isRefused();
        const isNeeded = ["product", "order", "payment"].includes(name);
        await (isNeeded ? outage.isRefused(outage.anOrder) : outage.isAnswered(outage.anOrder, 201));
        if (name !== "product") await outage.isAnswered(outage.aProduct, 200);
      } finally {
        await outage.start();
      }
      await outage.heals();
    },
  );

  it.each(["product", "order", "payment", "user", "notification"])(
    "%s, because it stands still, is refused within 50 ms, and answers by itself when it goes on",
    async (name) => {
      const outage = await ServiceOutage.of(run, name);
      outage.signal("SIGSTOP");
      try {
        await outage.becomes(503);
        await outage.isMissed();
        await outage.isRefused();
        if (name !== "product") await outage.isAnswered(outage.aProduct, 200);
        if (name === "payment") await outage.isRefused(outage.anOrder);
        if (name === "notification") await outage.isAnswered(outage.anOrder, 201);
      } finally {
        outage.signal("SIGCONT");
      }
      await outage.heals();
    },
  );

  it("leaves every invariant true", async () => {
    expect(await run.violations()).toEqual([]);
  });
});
