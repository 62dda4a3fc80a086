import { type Context, ServiceBroker } from "moleculer";
import { version } from "./version.middleware.ts";

describe("version", () => {
  let broker: ServiceBroker;

  const order = (number: number) => ({
    name: "order",
    version: number,
    actions: {
      which: () => number,
      relay: (ctx: Context<{ to: string }>) => ctx.call(ctx.params.to),
    },
  });

  beforeAll(async () => {
    broker = new ServiceBroker({ logger: false, middlewares: [version()] });
    broker.createService(order(1));
    broker.createService(order(2));
    await broker.start();
  });
  afterAll(() => broker.stop());

  it("calls the first version when none is named", async () => {
    expect(await broker.call("order.which")).toBe(1);
    expect(await broker.call("v1.order.which")).toBe(1);
  });

  it("calls another version by its name", async () => {
    expect(await broker.call("v2.order.which")).toBe(2);
  });

  it("does so from within actions too", async () => {
    expect(await broker.call("v2.order.relay", { to: "order.which" })).toBe(1);
    expect(await broker.call("order.relay", { to: "v2.order.which" })).toBe(2);
  });

  it("leaves the broker's own actions alone", async () => {
    expect(await broker.call("$node.list")).toHaveLength(1);
  });

  it("leaves an endpoint that was found already alone", async () => {
    const endpoint = broker.findNextActionEndpoint("v2.order.which");
    expect(await broker.call(endpoint as never)).toBe(2);
  });
});
