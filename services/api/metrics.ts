/** The node's metrics as Prometheus reads them, without the HTTP server that Moleculer's reporter would open. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { MetricReporters, type ServiceBroker } from "moleculer";
import { actionMetrics } from "#mixins/middlewares/metrics.middleware.ts";

const NANOSECONDS = 1e9;

class Exposition extends MetricReporters.Prometheus {
  declare defaultLabels: Readonly<Record<string, string>>;

  override init(registry: ServiceBroker["metrics"]): void {
    MetricReporters.Base.prototype.init.call(this, registry);
    const { namespace, nodeID } = registry.broker;
    this.defaultLabels = { namespace, nodeID };
  }
}

export class Metrics {
  // Paths and names of the machine are nobody's business.
  readonly #exposition = new Exposition({ excludes: ["process.arguments", "os.user.**"] });
  readonly #lag = monitorEventLoopDelay({ resolution: 20 });
  /** By route and status: two look-ups a request, where a labelled counter of Moleculer's would make a key of them. */
  readonly #answers = new Map<string, Map<number, number>>();

  readonly #broker: ServiceBroker;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
    this.#exposition.init(broker.metrics);
    this.#lag.enable();
  }

  /** Counts an answer; an unknown route counts under no name, or anybody could make up new ones. */
  count(route: string, status: number): void {
    let answers = this.#answers.get(route);
    if (!answers) this.#answers.set(route, (answers = new Map()));
    answers.set(status, (answers.get(status) ?? 0) + 1);
  }

  stop(): void {
    this.#lag.disable();
  }

  /** Text format 0.0.4. The event loop's lag is what was seen since the last time. */
  text(): string {
    const lag = this.#lag;
    const own = [
      "# HELP http_requests_total Answered HTTP requests.",
      "# TYPE http_requests_total counter",
      ...this.#requests(),
      "# HELP process_resident_memory_bytes Resident memory size.",
      "# TYPE process_resident_memory_bytes gauge",
      `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
      "# HELP nodejs_eventloop_lag_seconds Delay of the event loop since the last scrape.",
      "# TYPE nodejs_eventloop_lag_seconds summary",
      ...[50, 90, 99].map(
        (p) => `nodejs_eventloop_lag_seconds{quantile="${p / 100}"} ${lag.percentile(p) / NANOSECONDS}`,
      ),
      `nodejs_eventloop_lag_max_seconds ${lag.max / NANOSECONDS}`,
    ];
    lag.reset();
    return `${actionMetrics(this.#broker)}\n${this.#exposition.generatePrometheusResponse()}\n${own.join("\n")}\n`;
  }

  *#requests(): Iterable<string> {
    for (const [route, answers] of this.#answers) {
      for (const [status, n] of answers) yield `http_requests_total{route="${route}",status="${status}"} ${n}`;
    }
  }
}
