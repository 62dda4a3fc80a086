/** The state of every service and node as this node sees it. */
import type { ServiceBroker } from "moleculer";
import type { Described } from "./catalogue.ts";

type Breaker = "closed" | "half-open" | "open";

interface ServiceHealth {
  readonly name: string;
  readonly version: number;
  /** How many nodes run it. */
  readonly nodes: number;
  readonly available: boolean;
  /** The worst of its actions' circuit breakers. */
  readonly breaker: Breaker;
}

interface NodeHealth {
  readonly id: string;
  readonly available: boolean;
  readonly local: boolean;
  /** Percent. */
  readonly cpu: number | null;
}

export interface Health {
  readonly status: "ok" | "degraded" | "down";
  readonly services: readonly ServiceHealth[];
  readonly nodes: readonly NodeHealth[];
}

interface BreakerState {
  readonly state: string;
  readonly service: { readonly fullName: string };
}

const severity: readonly Breaker[] = ["closed", "half-open", "open"];

const breakerOf = (state: string): Breaker =>
  state === "open" ? "open" : state.startsWith("half_open") ? "half-open" : "closed";

/** @param known every service that was ever seen */
export function health(broker: ServiceBroker, known: readonly Described[]): Health {
  const running = broker.registry.getServiceList({ onlyAvailable: true }) as unknown as { fullName: string }[];
  const { CircuitBreakerStore } = broker as unknown as { CircuitBreakerStore?: ReadonlyMap<string, BreakerState> };
  const breakers = [...(CircuitBreakerStore?.values() ?? [])];
  const services = known.map(({ name, version }): ServiceHealth => {
    const fullName = `v${version}.${name}`;
    const nodes = running.filter((one) => one.fullName === fullName).length;
    const own = new Set(
      breakers.filter(({ service }) => service.fullName === fullName).map(({ state }) => breakerOf(state)),
    );
    return {
      name,
      version,
      nodes,
      available: nodes > 0,
      breaker: severity.findLast((one) => own.has(one)) ?? "closed",
    };
  });
  const isWell = services.every(({ available, breaker }) => available && breaker === "closed");
  const isDown = services.length > 0 && services.every(({ available }) => !available);
  return { status: isWell ? "ok" : isDown ? "down" : "degraded", services, nodes: nodesOf(broker) };
}

const nodesOf = (broker: ServiceBroker): NodeHealth[] =>
  (broker.registry.getNodeList({}) as unknown as NodeHealth[]).map(({ id, available, local, cpu }) => ({
    id,
    available,
    local,
    cpu,
  }));
