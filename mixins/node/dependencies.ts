/**
 * What this node leans on and how it fares (Redis, the bus …), told in `/health`. Whoever uses a server reports it:
 * `reportDependency(broker, { name: "redis", status: "away", detail: "limits count per process" })`, again on every change.
 */
import type { ServiceBroker } from "moleculer";

export interface Dependency {
  readonly name: string;
  /** `away`: the node goes on without it, or waits for it. */
  readonly status: "ok" | "away";
  /** What that means for people, in a few words without addresses or secrets. */
  readonly detail?: string;
}

const reported = new WeakMap<ServiceBroker, Map<string, Dependency>>();

/** Keeps the newest report under its name. */
export function reportDependency(broker: ServiceBroker, dependency: Dependency): void {
  const known = reported.get(broker) ?? new Map<string, Dependency>();
  reported.set(broker, known.set(dependency.name, dependency));
}

/** Every dependency that was ever reported, by name. */
export const dependenciesOf = (broker: ServiceBroker): readonly Dependency[] =>
  [...(reported.get(broker)?.values() ?? [])].toSorted((a, b) => a.name.localeCompare(b.name, "en"));
