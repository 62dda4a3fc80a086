import type { Context, ServiceBroker } from "moleculer";
import { startBroker } from "../../test/support/systems/broker.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { call } from "../repl/operator.ts";
import { type BreakerChange, breakersOf, resetBreaker } from "./breaker.middleware.ts";

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
