/** The gateway's own metrics: answers by route and status. */
import type { ServiceBroker } from "moleculer";
import { addMetricSource } from "#mixins/node/metric-sources.ts";
import { Exposition } from "#mixins/node/exposition.ts";

export class Metrics {
  /** By route and status: two look-ups per request. A labelled counter of Moleculer's would build a key of them. */
  readonly #answers = new Map<string, Map<number, number>>();
  readonly #exposition: Exposition;
  readonly #remove: () => void;

  constructor(broker: ServiceBroker) {
    this.#exposition = new Exposition(broker);
    this.#remove = addMetricSource(broker, () => this.#lines());
  }

  /** Unknown routes share one counter without a name, because clients could make up any number of names. */
  count(route: string, status: number): void {
    let answers = this.#answers.get(route);
    if (!answers) this.#answers.set(route, (answers = new Map()));
    answers.set(status, (answers.get(status) ?? 0) + 1);
  }

  stop(): void {
    this.#remove();
    this.#exposition.stop();
  }

  text(): Promise<string> {
    return this.#exposition.text();
  }

  *#lines(): Iterable<string> {
    yield "# HELP http_requests_total Answered HTTP requests.";
    yield "# TYPE http_requests_total counter";
    for (const [route, answers] of this.#answers) {
      for (const [status, n] of answers) yield `http_requests_total{route="${route}",status="${status}"} ${n}`;
    }
  }
}
