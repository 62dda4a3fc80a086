/** Who has figures of its own (bus lag, database pool, HTTP answers) adds them here; `/metrics` asks when somebody reads. */
import type { ServiceBroker } from "moleculer";

/** Lines of Prometheus's text format 0.0.4, with their `# HELP` and `# TYPE`; made anew each time. */
export type MetricSource = () => Iterable<string>;

const sources = new WeakMap<ServiceBroker, Set<MetricSource>>();

/** Adds a source to a node's metrics; the function that is returned takes it away again. */
export function addMetricSource(broker: ServiceBroker, source: MetricSource): () => void {
  const own = sources.get(broker) ?? new Set();
  sources.set(broker, own.add(source));
  return () => void own.delete(source);
}

/** What all sources of this node tell now. */
export const metricLines = (broker: ServiceBroker): readonly string[] =>
  [...(sources.get(broker) ?? [])].flatMap((source) => [...source()]);
