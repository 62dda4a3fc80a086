/** The broker of every node. The order of its middlewares is deliberate: the first is nearest to the handler. */
import type { BrokerOptions } from "moleculer";
import { count, defineConfig, duration, flag, platform } from "#core/config.ts";
import { balancing } from "#mixins/node/balancing.ts";
import { observability } from "#mixins/node/observability.ts";
import { topology } from "#mixins/node/topology.ts";
import { silence, transport } from "#mixins/node/transport.ts";
import { announcement } from "#mixins/middlewares/announcement.middleware.ts";
import { auth } from "#mixins/middlewares/auth.middleware.ts";
import { breakers, circuitBreaker } from "#mixins/middlewares/breaker.middleware.ts";
import { bulkhead } from "#mixins/middlewares/bulkhead.middleware.ts";
import { contract } from "#mixins/middlewares/contract.middleware.ts";
import { deadline } from "#mixins/middlewares/deadline.middleware.ts";
import { detection } from "#mixins/middlewares/detection.middleware.ts";
import { drain } from "#mixins/middlewares/drain.middleware.ts";
import { link } from "#mixins/middlewares/link.middleware.ts";
import { metrics } from "#mixins/middlewares/metrics.middleware.ts";
import { probe } from "#mixins/middlewares/probe.middleware.ts";
import { revocation } from "#mixins/middlewares/revocation.middleware.ts";
import { refusalsHidden, refusalsShown } from "#mixins/middlewares/refusal.middleware.ts";
import { retry } from "#mixins/middlewares/retry.middleware.ts";
import { stopOrder } from "#mixins/middlewares/stop-order.middleware.ts";
import { tracing } from "#mixins/middlewares/tracing.middleware.ts";
import { version } from "#mixins/middlewares/version.middleware.ts";
import { replCommands } from "#mixins/repl/commands.ts";

const config = defineConfig("broker", {
  REQUEST_TIMEOUT: duration("Milliseconds that one call may take, unless its contract says otherwise.", 2000),
  NATS_PATIENCE: duration("Milliseconds that a call waits for NATS when it went away, before it is answered 503.", 600),
  BULKHEAD: count("Calls of one action that a node works on at once; more wait.", 1000, { least: 1 }),
  BULKHEAD_QUEUE: count("Calls of one action that may wait in a node; more are refused.", 5000),
  CHECK_ANSWERS: flag("Check what actions answer against their contracts; tests do.", false),
});

const { registry, ...connection } = transport();

export default {
  ...observability(),
  ...connection,
  registry: { ...registry, strategy: balancing() },
  internalMiddlewares: false,
  // Its `options` would tell any node the password of this one.
  internalServices: { $node: { name: "$node", actions: { options: false } } },
  middlewares: [
    contract({ answers: config.CHECK_ANSWERS }),
    auth(),
    "ActionHook",
    bulkhead({ concurrency: config.BULKHEAD, queue: config.BULKHEAD_QUEUE }),
    "ContextTracker",
    deadline(),
    refusalsHidden(),
    "CircuitBreaker",
    refusalsShown(),
    link({ patience: config.NATS_PATIENCE }),
    retry(),
    "ErrorHandler",
    tracing(platform.TRACING_SHARE),
    ...(platform.METRICS ? [metrics()] : []),
    version(),
    breakers(),
    ...(topology.isCluster ? [detection({ systemUrl: topology.systemUrl, silence })] : []),
    probe(),
    revocation(),
    announcement(),
    drain(),
    stopOrder(),
  ],
  replOptions: { customCommands: [...replCommands] } as never,
  requestTimeout: config.REQUEST_TIMEOUT,
  circuitBreaker,
  tracking: { enabled: true, shutdownTimeout: 10_000 },
} satisfies BrokerOptions;
