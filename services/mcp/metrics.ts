/** The gateway's own metrics: calls of tools by how they ended. */
import type { ServiceBroker } from "moleculer";
import { addMetricSource } from "#mixins/node/metric-sources.ts";

export class Metrics {
  readonly #calls = new Map<string, number>();
  readonly #remove: () => void;

  constructor(broker: ServiceBroker) {
    this.#remove = addMetricSource(broker, () => this.#lines());
  }

  /** @param code of the failure, or ok */
  count(tool: string, code: string): void {
    const labels = `tool="${tool}",code="${code}"`;
    this.#calls.set(labels, (this.#calls.get(labels) ?? 0) + 1);
  }

  stop(): void {
    this.#remove();
  }

  *#lines(): Iterable<string> {
    yield "# HELP mcp_calls_total Calls of MCP tools.";
    yield "# TYPE mcp_calls_total counter";
    for (const [labels, calls] of this.#calls) yield `mcp_calls_total{${labels}} ${calls}`;
  }
}
