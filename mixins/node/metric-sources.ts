/** Who has figures of its own (bus lag, database pool, HTTP answers) adds them here; `/metrics` asks when somebody reads. */
import type { ServiceBroker } from "moleculer";
import { perBroker } from "./per-broker.ts";

/** Lines of Prometheus's text format 0.0.4, with their `# HELP` and `# TYPE`; made anew each time. */
export type MetricSource = () => Iterable<string>;

const sourcesOf = perBroker(() => new Set<MetricSource>());

/** Adds a source to a node's metrics; the function that is returned takes it away again. */
export function addMetricSource(broker: ServiceBroker, source: MetricSource): () => void {
  const sources = sourcesOf(broker).add(source);
  return () => void sources.delete(source);
}

/** What all sources of this node tell now. */
export const metricLines = (broker: ServiceBroker): readonly string[] =>
  [...sourcesOf(broker)].flatMap((source) => [...source()]);
