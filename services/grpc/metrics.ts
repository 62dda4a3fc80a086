/** The gateway's own metrics: answers by method and status. */
import { status } from "@grpc/grpc-js";
import type { ServiceBroker } from "moleculer";
import { addMetricSource } from "#mixins/node/metric-sources.ts";

export class Metrics {
  /** By method and status: two look-ups per call. */
  readonly #answers = new Map<string, Map<status, number>>();
  readonly stop: () => void;

  constructor(broker: ServiceBroker) {
    this.stop = addMetricSource(broker, () => this.#lines());
  }

  /** @param method one that there is, because clients could make up any number of names */
  count(method: string, code: status): void {
    let answers = this.#answers.get(method);
    if (!answers) this.#answers.set(method, (answers = new Map()));
    answers.set(code, (answers.get(code) ?? 0) + 1);
  }

  *#lines(): Iterable<string> {
    yield "# HELP grpc_requests_total Answered gRPC calls.";
    yield "# TYPE grpc_requests_total counter";
    for (const [method, answers] of this.#answers) {
      for (const [code, n] of answers) yield `grpc_requests_total{method="${method}",code="${status[code]}"} ${n}`;
    }
  }
}
