import { type BrokerOptions, type Context, Errors, ServiceBroker } from "moleculer";
import { deadline } from "./deadline.middleware.ts";
import { isUncertain, retry } from "./retry.middleware.ts";

const refusal = () => new Errors.MoleculerError("No", 409, "NO");

describe("retry and deadline", () => {
  let broker: ServiceBroker;
  let asked: number;
  let failures: number;
  let error: () => Error;
  /** Milliseconds that the nested call may take. */
  let given: number | undefined;

  const handler = async () => {
    asked += 1;
    if (asked <= failures) throw error();
    return asked;
  };

  beforeAll(async () => {
    broker = new ServiceBroker({
      logger: false,
      internalMiddlewares: false,
      requestTimeout: 50,
      middlewares: [deadline(), retry({ retries: 3, delay: 1 }), "ErrorHandler"],
    });
    const slow = (ctx: Context) => {
      given = (ctx.options as { timeout?: number }).timeout;
      return new Promise((resolve) => setTimeout(resolve, 1000));
    };
    broker.createService({
      name: "shop",
      actions: {
        read: { retryPolicy: { enabled: true }, handler } as never,
        write: { retryPolicy: { enabled: false }, handler } as never,
        slow,
        patient: {
          timeout: 5000,
          handler: (ctx: Context) => ctx.call("shop.slow").catch((thrown: Error) => thrown.name),
        } as never,
        hurried: { timeout: 40, handler: (ctx: Context) => ctx.call("shop.slow") } as never,
      },
    });
    await broker.start();
  });
  afterAll(() => broker.stop());
  beforeEach(() => {
    asked = 0;
    given = undefined;
    error = () => new Errors.MoleculerRetryableError("Away", 503, "AWAY");
  });

  it("asks again where that is safe, and no more than three times", async () => {
    failures = 3;
    expect(await broker.call("shop.read")).toBe(4);
    asked = 0;
    failures = 9;
    await expect(broker.call("shop.read")).rejects.toMatchObject({ type: "AWAY" });
    expect(asked).toBe(4);
  });

  it("does not ask again what may have happened", async () => {
    failures = 1;
    await expect(broker.call("shop.write")).rejects.toMatchObject({ type: "AWAY" });
    expect(asked).toBe(1);
  });

  it("asks again for anything that surely did not happen", async () => {
    failures = 1;
    error = () => new Errors.ServiceNotAvailableError({ action: "shop.write" });
    expect(await broker.call("shop.write")).toBe(2);
  });

  it("does not take an unavailable service behind the action for the action", async () => {
    failures = 1;
    error = () => new Errors.ServiceNotAvailableError({ action: "bank.pay" });
    await expect(broker.call("shop.write")).rejects.toMatchObject({ type: "SERVICE_NOT_AVAILABLE" });
  });

  it("leaves what is behind the action to the node that asked for it", async () => {
    failures = 1;
    error = () => new Errors.ServiceNotAvailableError({ action: "bank.pay" });
    await expect(broker.call("shop.read")).rejects.toMatchObject({ type: "SERVICE_NOT_AVAILABLE" });
    expect(asked).toBe(1);
  });

  it("does not ask again after a refusal", async () => {
    failures = 1;
    error = refusal;
    await expect(broker.call("shop.read")).rejects.toMatchObject({ type: "NO" });
    expect(asked).toBe(1);
  });

  it.each([
    ["an earlier attempt may have run", () => new Errors.RequestTimeoutError({ action: "shop.read" }), true],
    ["no earlier attempt ran", () => new Errors.ServiceNotFoundError({ action: "shop.read" }), false],
    ["it answers the first attempt", refusal, false],
  ])("tells whether a refusal is uncertain: %s", async (_, first, expected) => {
    failures = 2;
    error = () => (asked === 1 ? first() : refusal());
    const thrown: unknown = await broker.call("shop.read").catch((one: unknown) => one);
    expect(thrown).toMatchObject({ type: "NO" });
    expect(isUncertain(thrown)).toBe(expected);
  });

  it("gives a nested call its own time, not all of its caller's", async () => {
    expect(await broker.call("shop.patient")).toBe("RequestTimeoutError");
    expect(given).toBe(50);
  });

  it("gives a nested call no more than its caller has", async () => {
    await expect(broker.call("shop.hurried")).rejects.toMatchObject({ type: "REQUEST_TIMEOUT" });
    expect(given).toBeLessThanOrEqual(40);
  });

  it("leaves the caller's options as they were", async () => {
    failures = 0;
    const options = {};
    await broker.call("shop.read", {}, options);
    expect(options).toEqual({});
  });
});

describe("a deadline between two nodes", () => {
  const handler = (ctx: Context<{ milliseconds: number }>) =>
    new Promise((resolve) => setTimeout(() => resolve("done"), ctx.params.milliseconds).unref());
  const node = (nodeID: string, rest: BrokerOptions) =>
    new ServiceBroker({ nodeID, logger: false, transporter: "Fake", internalMiddlewares: false, ...rest });
  const watched = { requestTimeout: 50, middlewares: [deadline()] };
  const bakery = node("bakery", watched);
  const customer = node("customer", watched);
  const stranger = node("stranger", {});

  beforeAll(async () => {
    bakery.createService({ name: "oven", actions: { bake: handler, roast: { timeout: 60_000, handler } as never } });
    await Promise.all([bakery, customer, stranger].map((broker) => broker.start()));
    await Promise.all([customer, stranger].map((broker) => broker.waitForServices("oven")));
  });
  afterAll(() => Promise.all([bakery, customer, stranger].map((broker) => broker.stop())));

  it("ends at the node that asked, which then waits for nothing", async () => {
    await expect(customer.call("oven.bake", { milliseconds: 5000 })).rejects.toMatchObject({
      type: "REQUEST_TIMEOUT",
      data: { nodeID: "bakery" },
    });
    expect(customer.transit).toMatchObject({ pendingRequests: { size: 0 } });
  });

  it("is what the contract says, also for who asked with more patience", async () => {
    expect(await customer.call("oven.roast", { milliseconds: 100 })).toBe("done");
    const options = { timeout: 2000 };
    await expect(stranger.call("oven.bake", { milliseconds: 5000 }, options)).rejects.toMatchObject({ code: 504 });
    await expect(stranger.call("oven.bake", { milliseconds: 5000 })).rejects.toMatchObject({ code: 504 });
  });
});
