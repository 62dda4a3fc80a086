import { ServiceBroker } from "moleculer";
import { bulkhead } from "./bulkhead.middleware.ts";

describe("bulkhead", () => {
  let broker: ServiceBroker;
  /** Ends a call that is worked on, by its name. */
  let working: Map<string, (error?: Error) => void>;

  beforeEach(async () => {
    working = new Map();
    broker = new ServiceBroker({
      logger: false,
      internalMiddlewares: false,
      middlewares: [bulkhead({ concurrency: 2, queue: 1 })],
    });
    broker.createService({
      name: "shop",
      actions: {
        sell: ({ params: { name } }: { params: { name: string } }) =>
          new Promise((resolve, reject) => {
            working.set(name, (error) => (error ? reject(error) : resolve(name)));
          }),
      },
    });
    await broker.start();
  });
  afterEach(() => broker.stop());

  const sell = (name: string) => broker.call("shop.sell", { name });

  it("works on so many calls at once, lets others wait, and refuses what is more", async () => {
    const [first, second, third] = [sell("first"), sell("second"), sell("third")];
    await expect(sell("fourth")).rejects.toMatchObject({ type: "QUEUE_FULL", code: 429 });
    expect([...working.keys()]).toEqual(["first", "second"]);
    working.get("second")!();
    expect(await second).toBe("second");
    expect([...working.keys()]).toEqual(["first", "second", "third"]);
    for (const name of ["first", "third"]) working.get(name)!();
    expect(await Promise.all([first, third])).toEqual(["first", "third"]);
  });

  it("tells who waits for half of its time that it is busy, and gives the place to nobody else", async () => {
    const options = { timeout: 20 };
    const [first, second] = [sell("first"), sell("second")];
    await expect(broker.call("shop.sell", { name: "third" }, options)).rejects.toMatchObject({ type: "QUEUE_FULL" });
    const fourth = sell("fourth");
    for (const name of ["first", "second"]) working.get(name)!();
    await Promise.all([first, second]);
    working.get("fourth")!();
    expect(await fourth).toBe("fourth");
    expect([...working.keys()]).toEqual(["first", "second", "fourth"]);
  });

  it("gives the place of a call that failed to the next", async () => {
    const [first, second, third] = [sell("first"), sell("second"), sell("third")];
    working.get("first")!(new Error("no"));
    await expect(first).rejects.toThrow("no");
    for (const name of ["second", "third"]) working.get(name)!();
    expect(await Promise.all([second, third])).toEqual(["second", "third"]);
  });
});
