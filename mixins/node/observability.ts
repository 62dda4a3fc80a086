/** What logs, metrics and traces record, and above all what they leave out. */
import type { BrokerOptions } from "moleculer";
import { platform } from "#core/config.ts";

/** Spans carry names and times. Parameters and meta are left out, because they hold passwords, tokens and addresses. */
const tags = {
  action: { params: false, meta: false, response: false },
  event: { params: false, meta: false },
} as const;

/** Moleculer logs every part that it starts, but an operator wants to read only what is unusual. */
const quietStart = {
  BROKER: "warn",
  REGISTRY: "warn",
  METRICS: "warn",
  TRACER: "warn",
  $NODE: "warn",
  "**": "info",
} as const;

export const observability = (): Pick<BrokerOptions, "logger" | "logLevel" | "metrics" | "tracing"> => ({
  logger: {
    type: "Console",
    options: {
      formatter: platform.LOG_FORMAT === "json" ? "json" : "short",
      colors: platform.LOG_FORMAT === "pretty" && process.stdout.isTTY,
      // Errors carry data for the client, which a log line must not repeat.
      objectPrinter: (value: unknown) =>
        value instanceof Error ? (value.stack ?? value.message) : JSON.stringify(value),
    },
  },
  logLevel: platform.LOG_LEVEL === "info" ? quietStart : platform.LOG_LEVEL,
  // Seconds between two looks at the process and the machine, as far apart as Prometheus usually reads.
  metrics: { enabled: platform.METRICS, reporter: [], collectInterval: 15 },
  tracing: {
    enabled: platform.TRACING_SHARE > 0,
    tags,
    exporter: platform.ZIPKIN_URL
      ? [{ type: "Zipkin", options: { baseURL: platform.ZIPKIN_URL.replace(/\/+$/, "") } }]
      : [],
  } as never,
});
