/**
 * What this node leans on and how it fares (Redis, the bus …), told in `/health`. Whoever uses a server reports it:
 * `reportDependency(broker, { name: "redis", status: "away", detail: "limits count per process" })`, again on every change.
 */
import type { ServiceBroker } from "moleculer";
import { perBroker } from "./per-broker.ts";

export interface Dependency {
  readonly name: string;
  /** `away`: the node goes on without it, or waits for it. */
  readonly status: "ok" | "away";
  /** What that means for people, in a few words without addresses or secrets. */
  readonly detail?: string;
}

const reportsOf = perBroker(() => new Map<string, Dependency>());

/** Keeps the newest report under its name. */
export function reportDependency(broker: ServiceBroker, dependency: Dependency): void {
  reportsOf(broker).set(dependency.name, dependency);
}

/** Every dependency that was ever reported, by name. */
export const dependenciesOf = (broker: ServiceBroker): readonly Dependency[] =>
  [...reportsOf(broker).values()].toSorted((a, b) => a.name.localeCompare(b.name, "en"));
