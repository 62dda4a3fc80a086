/** The node's metrics in Prometheus's format, without the HTTP server that Moleculer's reporter would start. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { MetricReporters, type ServiceBroker } from "moleculer";
import { metricLines } from "./metric-sources.ts";
import { breakersOf } from "../middlewares/breaker.middleware.ts";
import { actionMetrics } from "../middlewares/metrics.middleware.ts";

const NANOSECONDS = 1e9;
/** Milliseconds between two samples of the event loop's lag. Each wakes the process. */
const SAMPLE = 500;

export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

class Reporter extends MetricReporters.Prometheus {
  declare defaultLabels: Readonly<Record<string, string>>;

  override init(registry: ServiceBroker["metrics"]): void {
    MetricReporters.Base.prototype.init.call(this, registry);
    const { namespace, nodeID } = registry.broker;
    this.defaultLabels = { namespace, nodeID };
  }
}

export class Exposition {
  // Metrics must not show paths, names and addresses of the machine.
  readonly #reporter = new Reporter({
    excludes: ["process.arguments", "os.user.**", "os.network.**", "os.hostname", "os.cpu.info.**"],
  });
  readonly #lag = monitorEventLoopDelay({ resolution: SAMPLE });
  readonly #broker: ServiceBroker;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
    this.#reporter.init(broker.metrics);
    this.#lag.enable();
  }

  stop(): void {
    this.#lag.disable();
  }

  /** Text format 0.0.4. The event loop's lag is measured since the last call. */
  async text(): Promise<string> {
    const parts = [
      actionMetrics(this.#broker),
      this.#reporter.generatePrometheusResponse(),
      ...(await metricLines(this.#broker)),
      ...this.#breakers(),
      ...this.#process(),
    ];
    return `${parts.join("\n")}\n`;
  }

  *#breakers(): Iterable<string> {
    yield "# HELP madang_breaker_state Circuit breakers of this node that are not closed: 1 half-open, 2 open.";
    yield "# TYPE madang_breaker_state gauge";
    for (const { node, action, target, state } of breakersOf(this.#broker).list()) {
      if (node === this.#broker.nodeID)
        yield `madang_breaker_state{action="${action}",target="${target}"} ${state === "open" ? 2 : 1}`;
    }
  }

  *#process(): Iterable<string> {
    const lag = this.#lag;
    // Node measures from one sample to the next, so the pause between them is part of it.
    const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / NANOSECONDS - SAMPLE / 1000);
    yield "# HELP process_resident_memory_bytes Resident memory size.";
    yield "# TYPE process_resident_memory_bytes gauge";
    yield `process_resident_memory_bytes ${process.memoryUsage.rss()}`;
    yield "# HELP nodejs_eventloop_lag_seconds Delay of the event loop since the last scrape.";
    yield "# TYPE nodejs_eventloop_lag_seconds summary";
    for (const p of [50, 90, 99])
      yield `nodejs_eventloop_lag_seconds{quantile="${p / 100}"} ${seconds(lag.percentile(p))}`;
    yield `nodejs_eventloop_lag_max_seconds ${seconds(lag.max)}`;
    lag.reset();
  }
}
