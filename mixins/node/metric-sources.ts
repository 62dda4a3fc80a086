/** Figures that Moleculer does not measure (bus lag, database pool, HTTP answers), asked for by `/metrics`. */
import type { ServiceBroker } from "moleculer";
import { perBroker } from "./per-broker.ts";

/** Lines of Prometheus's text format 0.0.4 with their `# HELP` and `# TYPE`, made anew for each reading. */
export type MetricSource = () => Iterable<string> | Promise<Iterable<string>>;

const sourcesOf = perBroker(() => new Set<MetricSource>());

/** Adds a source to a node's metrics. The returned function removes it. */
export function addMetricSource(broker: ServiceBroker, source: MetricSource): () => void {
  const sources = sourcesOf(broker).add(source);
  return () => void sources.delete(source);
}

export async function metricLines(broker: ServiceBroker): Promise<readonly string[]> {
  const answers = await Promise.all([...sourcesOf(broker)].map(async (source) => source()));
  return answers.flatMap((lines) => [...lines]);
}
