import { type Context, ServiceBroker } from "moleculer";
import { startBroker } from "../../test/support/broker.ts";
import { eventually } from "../../test/support/notebook.ts";
import { call } from "../repl/operator.ts";
import { type BreakerChange, breakersOf, circuitBreaker, resetBreaker } from "./breaker.middleware.ts";

let broker: ServiceBroker;
const told: BreakerChange[] = [];
const listener = {
  name: "listener",
  events: { "breaker.changed": ({ params }: Context<BreakerChange>) => void told.push(params) },
};
beforeAll(async () => {
  broker = await startBroker([listener]);
});
afterAll(() => broker.stop());

const opened = { nodeID: "b", service: "v1.order", action: "v1.order.get" };

describe("a node whose circuit breaker opens", () => {
  it("tells all nodes, and does not repeat what others tell of theirs", async () => {
    const heard = broker.ContextFactory.create(broker, null as never, opened, {});
    Object.assign(heard, { nodeID: "another", eventName: "$circuit-breaker.opened", eventType: "broadcast" });
    await (broker as unknown as { emitLocalServices(ctx: Context): Promise<void> }).emitLocalServices(heard);
    expect(told).toEqual([]);
    await broker.broadcastLocal("$circuit-breaker.opened", opened);
    await eventually(() => told.length > 0);
    expect(told).toMatchObject([{ node: broker.nodeID, action: "v1.order.get", target: "b", state: "open" }]);
  });

  it("has it closed by an administrator or operator, and by no event", async () => {
    const ep = { id: "b", state: false, action: { name: "v1.order.get" } };
    const { CircuitBreakerStore: items } = broker as unknown as { CircuitBreakerStore: Map<string, object> };
    const item = { ep, service: { fullName: "v1.order" }, state: "open", cbTimer: null };
    items.set("b:v1.order.get", item);
    const reset = { action: "v1.order.get" };
    await broker.broadcast("breaker.reset", reset);
    await expect(broker.call("$breakers.reset", reset)).rejects.toMatchObject({ code: 401 });
    await expect(resetBreaker(broker, broker.call.bind(broker), reset)).rejects.toMatchObject({ code: 401 });
    expect(item.state).toBe("open");
    await resetBreaker(broker, (...asked) => call(broker, ...asked), { ...reset, target: "another" });
    expect(item.state).toBe("open");
    await resetBreaker(broker, (...asked) => call(broker, ...asked), { ...reset, target: "b" });
    expect(item.state).toBe("close");
    items.clear();
  });

  it("tells that it is closed when the node that was called is gone, for those who heard of it late", async () => {
    told.length = 0;
    const ep = { id: "b", state: false, action: { name: "v1.order.get" } };
    const { CircuitBreakerStore: items } = broker as unknown as { CircuitBreakerStore: Map<string, object> };
    items.set("b:v1.order.get", { ep, service: { fullName: "v1.order" }, state: "open", cbTimer: null });
    await broker.broadcastLocal("$node.disconnected", { node: { id: "b" }, unexpected: true });
    await eventually(() => told.length > 0);
    expect(told).toMatchObject([{ target: "b", state: "closed" }]);
    expect([items.size, breakersOf(broker).list()]).toEqual([0, []]);
  });
});

describe("a circuit breaker between two nodes", () => {
  const node = (nodeID: string) =>
    new ServiceBroker({
      nodeID,
      logger: false,
      transporter: "Fake",
      internalMiddlewares: false,
      middlewares: [circuitBreaker as never],
      circuitBreaker: { enabled: true, threshold: 0.5, minRequestCount: 2, check: () => true },
    });
  const statesOf = (node: ServiceBroker) =>
    [...(node as unknown as { CircuitBreakerStore: Map<string, { state: string }> }).CircuitBreakerStore.values()].map(
      ({ state }) => state,
    );

  it("is the caller's; the node that fails opens its own only for what it asks itself", async () => {
    const [caller, called] = [node("caller"), node("called")];
    called.createService({ name: "broken", actions: { run: () => Promise.reject(new Error("Broken")) } });
    await Promise.all([caller.start(), called.start()]);
    await caller.waitForServices("broken");
    const failTwice = async (who: ServiceBroker) => {
      for (let n = 0; n < 2; n += 1) await expect(who.call("broken.run")).rejects.toThrow("Broken");
    };
    await failTwice(caller);
    expect([statesOf(caller), statesOf(called)]).toEqual([["open"], []]);
    await failTwice(called);
    expect(statesOf(called)).toEqual(["open"]);
    await Promise.all([caller.stop(), called.stop()]);
  });
});
