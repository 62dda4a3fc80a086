import { ServiceBroker } from "moleculer";
import { balancing } from "./balancing.ts";
import { ConfigError, declared } from "#core/config.ts";

describe("balancing", () => {
  it.each(["fastest", "shard", "order=", "order=shard:", "round-robin,order=fastest"])(
    "refuses %s in one sentence",
    (setting) => {
      expect(() => declared.get("balancing")!["BALANCING"]!.parse(setting)).toThrow(ConfigError);
    },
  );

  const nodes = ["a", "b"].map((id) => ({ id, cpu: id === "a" ? 90 : 5, hostname: id }));
  const endpointsOf = (name: string) => nodes.map((node) => ({ id: node.id, node, service: { name } }));

  async function strategy(setting: string) {
    const broker = new ServiceBroker({ logger: false, transporter: "Fake" });
    const Strategy = balancing(setting) as unknown as new (...args: unknown[]) => {
      select(list: readonly object[], ctx?: object): { readonly id: string };
    };
    const made = new Strategy(broker.registry, broker);
    return { broker, ask: (service: string, ctx = {}) => made.select(endpointsOf(service), ctx).id };
  }

  it("takes turns by default", async () => {
    const { ask } = await strategy("round-robin");
    expect([ask("order"), ask("order"), ask("order"), ask("order")].toSorted()).toEqual(["a", "a", "b", "b"]);
  });

  it("asks the node with the idlest processor for a service of its own setting, and takes turns for others", async () => {
    const setting = "product=cpu";
    const product = await strategy(setting);
    expect(Array.from({ length: 4 }, () => product.ask("product"))).toEqual(["b", "b", "b", "b"]);
    const order = await strategy(setting);
    expect(new Set(Array.from({ length: 4 }, () => order.ask("order")))).toEqual(new Set(["a", "b"]));
  });

  it("asks the nearest host when it knows", async () => {
    const { broker, ask } = await strategy("latency");
    ask("order");
    broker.localBus.emit("$node.latencySlave", { hostname: "a", avgLatency: 50 });
    broker.localBus.emit("$node.latencySlave", { hostname: "b", avgLatency: 20 });
    expect(Array.from({ length: 4 }, () => ask("order"))).toEqual(["b", "b", "b", "b"]);
  });

  it("uses both at random", async () => {
    const { ask } = await strategy("random");
    expect(new Set(Array.from({ length: 100 }, () => ask("order")))).toEqual(new Set(["a", "b"]));
  });

  it.each([
    ["shard:id", (id: string) => ({ params: { id } })],
    ["shard:#tenant", (tenant: string) => ({ meta: { tenant } })],
  ])("%s asks the same node for the same key, and others when that cannot be asked", async (setting, about) => {
    const { ask, broker } = await strategy(setting);
    const chosen = Array.from({ length: 40 }, (_, key) => ask("order", about(`${key}`)));
    expect(new Set(chosen)).toEqual(new Set(["a", "b"]));
    expect(Array.from({ length: 40 }, (_, key) => ask("order", about(`${key}`)))).toEqual(chosen);
    const Strategy = balancing(setting) as unknown as new (...args: unknown[]) => {
      select(list: readonly object[], ctx?: object): { readonly id: string };
    };
    const other = new Strategy(broker.registry, broker);
    other.select(endpointsOf("order"), about("0"));
    for (const key of chosen.keys())
      expect(other.select(endpointsOf("order").slice(0, 1), about(`${key}`)).id).toBe("a");
  });
});
