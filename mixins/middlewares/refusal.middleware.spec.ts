/** Moleculer's circuit breaker between our middlewares, as in every node. */
import { Errors, type ServiceBroker } from "moleculer";
import config from "../../moleculer.config.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { sharedError } from "#core/errors.ts";

const faults = {
  refused: () => sharedError("RATE_LIMITED"),
  full: () => new Errors.QueueIsFullError({ action: "v1.shop.sell" }),
  skipped: () => new Errors.RequestSkippedError({ action: "v1.shop.sell" }),
  broken: () => new Error("broken"),
  late: () => new Errors.RequestTimeoutError({ action: "v1.shop.sell" }),
};
type Fault = keyof typeof faults;

describe("a circuit breaker", () => {
  let broker: ServiceBroker;
  beforeEach(async () => {
    const shop = {
      name: "shop",
      version: 1,
      actions: {
        sell({ params: { fault } }: { params: { fault?: Fault } }) {
          if (fault) throw faults[fault]();
          return "sold";
        },
      },
    };
    broker = await startBroker([shop as never], { circuitBreaker: { ...config.circuitBreaker, halfOpenTime: 5 } });
  });
  afterEach(() => broker.stop());

  const sell = (fault?: Fault) =>
    broker.call("v1.shop.sell", { fault }).then(
      () => "sold",
      ({ name, type }: { name: string; type?: string }) => type ?? name,
    );
  const many = async (count: number, fault: Fault) => {
    for (let asked = 0; asked < count; asked += 1) await sell(fault);
  };

  it.each(["refused", "full", "skipped"] as const)("is not opened by a thousand calls that are %s", async (fault) => {
    await many(1000, fault);
    expect(await sell()).toBe("sold");
  });

  it.each(["broken", "late"] as const)("is opened by calls that are %s", async (fault) => {
    await many(5, fault);
    expect(await sell()).toBe("SERVICE_NOT_AVAILABLE");
  });

  it("sees a few faults among many refusals as few", async () => {
    await many(20, "refused");
    await many(5, "broken");
    expect(await sell()).toBe("sold");
  });

  it("is closed by a refusal, which is an answer", async () => {
    await many(5, "broken");
    while ((await sell("refused")) !== "RATE_LIMITED") await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await sell()).toBe("sold");
  });
});
