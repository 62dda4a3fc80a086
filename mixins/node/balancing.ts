/** Chooses the node that answers a call, by the strategy of Moleculer's that BALANCING names for its service. */
import { type Context, type ServiceBroker, Strategies } from "moleculer";
import { defineConfig, setting } from "#core/config.ts";
import { perBroker } from "./per-broker.ts";

const KIND = "(?:round-robin|random|cpu|latency|shard:#?[\\w.]+)";
const SETTING = new RegExp(`^(?:(?:[a-z-]+=)?${KIND})(?:\\s*,\\s*(?:[a-z-]+=)?${KIND})*$`);

const way = setting(
  "a way to balance: round-robin, random, cpu, latency or shard:<field>, by service or for all",
  (value) => (SETTING.test(value) ? value : undefined),
);

const config = defineConfig("balancing", {
  BALANCING: way(
    "How a node is chosen: round-robin, random, cpu, latency or shard:<field>, for all or by service, " +
      "e.g. round-robin,product=latency,order=shard:id; a field of the caller's meta as #name.",
    "round-robin",
  ),
});

type Registry = ServiceBroker["registry"];
interface Strategy {
  select(list: readonly Endpoint[], ctx?: Context): Endpoint;
}
interface Endpoint {
  readonly id: string;
  readonly service?: { readonly name: string };
}
type Make = (registry: Registry, broker: ServiceBroker) => Strategy;

const kinds = Strategies as unknown as Record<
  "RoundRobin" | "Random" | "CpuUsage" | "Latency" | "Shard" | "Base",
  new (registry: Registry, broker: ServiceBroker, options?: object) => Strategy
>;
const names = { "round-robin": "RoundRobin", random: "Random", cpu: "CpuUsage", latency: "Latency" } as const;

/** Moleculer's own strategy fails while the node of a key is not reachable. */
class Shard extends kinds.Shard {
  override select(list: readonly Endpoint[], ctx?: Context): Endpoint {
    return super.select(list, ctx) ?? list[0]!;
  }
}

function maker(kind: string): Make {
  const [name, field] = kind.split(":", 2);
  if (name === "shard" && field) return (registry, broker) => new Shard(registry, broker, { shardKey: field });
  const Known = kinds[names[kind as keyof typeof names]];
  return (registry, broker) => new Known(registry, broker, {});
}

/** The strategy class for Moleculer's registry, which makes an instance for each action. */
export function balancing(setting = config.BALANCING): typeof Strategies.Base {
  const entries = setting.split(",").map((part) => part.trim().split("=", 2) as [string, string?]);
  const general = maker(entries.find(([, kind]) => kind === undefined)?.[0] ?? "round-robin");
  const own = new Map(entries.flatMap(([service, kind]) => (kind === undefined ? [] : [[service, maker(kind)]])));
  const isMeasured = /(?:^|[,=])\s*latency/.test(setting);

  class Balancing extends kinds.Base implements Strategy {
    readonly #registry: Registry;
    readonly #broker: ServiceBroker;
    #chosen: Strategy | undefined;

    constructor(registry: Registry, broker: ServiceBroker) {
      super(registry, broker);
      this.#registry = registry;
      this.#broker = broker;
      // The first instance measures latencies. It is made when the node starts, so that it has figures before the first
      // call.
      if (isMeasured) measure(broker, registry);
    }

    override select(list: readonly Endpoint[], ctx?: Context): Endpoint {
      this.#chosen ??= (own.get(list[0]?.service?.name ?? "") ?? general)(this.#registry, this.#broker);
      return this.#chosen.select(list, ctx);
    }
  }
  return Balancing as unknown as typeof Strategies.Base;
}

const measure = perBroker((broker, registry: Registry) => new kinds.Latency(registry, broker, {}));
