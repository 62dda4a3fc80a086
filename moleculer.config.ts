/** The broker of every node. The order of its middlewares is deliberate: the first is nearest to the handler. */
import type { BrokerOptions, Context, Middleware, ServiceBroker } from "moleculer";
import { defineConfig, duration, flag, platform } from "#core/config.ts";
import { observability } from "#core/observability.ts";
import { auth } from "#mixins/middlewares/auth.middleware.ts";
import { contract } from "#mixins/middlewares/contract.middleware.ts";
import { drain } from "#mixins/middlewares/drain.middleware.ts";
import { metrics } from "#mixins/middlewares/metrics.middleware.ts";
import { tracing } from "#mixins/middlewares/tracing.middleware.ts";
import { version } from "#mixins/middlewares/version.middleware.ts";

const config = defineConfig("broker", {
  REQUEST_TIMEOUT: duration("Milliseconds that one call between services may take.", 5000),
  CHECK_ANSWERS: flag("Check what actions answer against their contracts; tests do.", false),
});

/** Moleculer's time-out leaves the request pending for ever when it is retried elsewhere. */
const forgetTimedOut = (broker: ServiceBroker): Middleware => ({
  name: "ForgetTimedOut",
  remoteAction: ((next: (ctx: Context) => Promise<unknown>) => (ctx: Context) =>
    next(ctx).catch((error: unknown) => {
      broker.transit?.removePendingRequest(ctx.id);
      throw error;
    })) as never,
});

/** Only faults count: a business rule that refuses is no reason to stop asking. */
const isFault = (error: Error): boolean => {
  const { code } = error as { code?: unknown };
  return typeof code !== "number" || code >= 500;
};

export default {
  ...observability(),
  internalMiddlewares: false,
  middlewares: [
    contract({ answers: config.CHECK_ANSWERS }),
    auth(),
    "ActionHook",
    "Bulkhead",
    "ContextTracker",
    "Timeout",
    forgetTimedOut as never,
    "CircuitBreaker",
    "Retry",
    "Fallback",
    "ErrorHandler",
    tracing(platform.TRACING_SHARE) as never,
    ...(platform.METRICS ? [metrics as never] : []),
    version,
    drain,
  ],
  requestTimeout: config.REQUEST_TIMEOUT,
  retryPolicy: { enabled: true, retries: 3, delay: 50, factor: 2, maxDelay: 1000 },
  circuitBreaker: {
    enabled: true,
    threshold: 0.3,
    minRequestCount: 5,
    windowTime: 30,
    halfOpenTime: 5000,
    check: isFault,
  },
  tracking: { enabled: true, shutdownTimeout: 10_000 },
  heartbeatInterval: 2,
  heartbeatTimeout: 6,
} satisfies BrokerOptions;
