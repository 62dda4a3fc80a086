/** The state of every service, node, breaker and dependency as this node sees it. */
import type { ServiceBroker } from "moleculer";
import { dependenciesOf, type Dependency } from "../node/dependencies.ts";
import { type KnownNode, nodesOf } from "../node/nodes.ts";
import { type BreakerChange, type BreakerState, breakersOf } from "../middlewares/breaker.middleware.ts";
import type { Described } from "./registry.ts";

interface ServiceHealth {
  readonly name: string;
  readonly version: number;
  /** The number of nodes that run it. */
  readonly nodes: number;
  readonly available: boolean;
  /** The worst state of its actions' circuit breakers, in any node. */
  readonly breaker: BreakerState;
}

type NodeHealth = Pick<KnownNode, "id" | "available" | "local" | "cpu">;

export interface Health {
  readonly status: "ok" | "degraded" | "down";
  readonly services: readonly ServiceHealth[];
  readonly nodes: readonly NodeHealth[];
  readonly breakers: readonly BreakerChange[];
  readonly dependencies: readonly Dependency[];
}

const severity: readonly BreakerState[] = ["closed", "half-open", "open"];

/** @param known every service that was ever seen */
export function health(broker: ServiceBroker, known: readonly Described[]): Health {
  const running = broker.registry.getServiceList({ onlyAvailable: true }) as unknown as { fullName: string }[];
  const breakers = breakersOf(broker).list();
  const dependencies = dependenciesOf(broker);
  const services = known.map(({ name, version }): ServiceHealth => {
    const fullName = `v${version}.${name}`;
    const nodes = running.filter((one) => one.fullName === fullName).length;
    const own = new Set(breakers.filter(({ action }) => action.startsWith(`${fullName}.`)).map(({ state }) => state));
    return {
      name,
      version,
      nodes,
      available: nodes > 0,
      breaker: severity.findLast((one) => own.has(one)) ?? "closed",
    };
  });
  // A half-open breaker refuses no call, and stays half-open until the next one.
  const isWell =
    services.every(({ available, breaker }) => available && breaker !== "open") &&
    dependencies.every(({ status }) => status === "ok");
  const isDown = services.length > 0 && services.every(({ available }) => !available);
  const status = isWell ? "ok" : isDown ? "down" : "degraded";
  return { status, services, nodes: nodesOf(broker).map(toHealth), breakers, dependencies };
}

const toHealth = ({ id, available, local, cpu }: KnownNode): NodeHealth => ({ id, available, local, cpu });
