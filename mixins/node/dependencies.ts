/**
 * The servers that this node depends on (Redis, the bus …) and their state, shown in `/health`. The user of a server
 * reports every change: `reportDependency(broker, { name: "redis", status: "away", detail: "limits count per process"
 * })`.
 */
import type { ServiceBroker } from "moleculer";
import { perBroker } from "./per-broker.ts";

export interface Dependency {
  readonly name: string;
  /** `away`: the node works without it, or waits for it. */
  readonly status: "ok" | "away";
  /** The consequence for people in a few words, without addresses or secrets. */
  readonly detail?: string;
}

const reportsOf = perBroker(() => new Map<string, Dependency>());

export function reportDependency(broker: ServiceBroker, dependency: Dependency): void {
  reportsOf(broker).set(dependency.name, dependency);
}

export const dependenciesOf = (broker: ServiceBroker): readonly Dependency[] =>
  [...reportsOf(broker).values()].toSorted((a, b) => a.name.localeCompare(b.name, "en"));
