/** What the gateway is whatever the protocol: its methods, its limits, and what it tells of failures. */
import { status } from "@grpc/grpc-js";
import type { FileRegistry } from "@bufbuild/protobuf";
import type { Service } from "moleculer";
import { platform } from "#core/config.ts";
import { type Admission, admissionOf } from "#mixins/gateway/admission.ts";
import { type ApiKeys, apiKeysOf } from "#mixins/gateway/api-keys.ts";
import { LiveStreams } from "#mixins/gateway/live.ts";
import { Problems } from "#mixins/gateway/problems.ts";
import { revocationsOf } from "#mixins/node/revocations.ts";
import { Tokens } from "#mixins/node/tokens.ts";
import type { Incoming } from "./incoming.ts";
import { Metrics } from "./metrics.ts";
import { type Plan, planOf, type Shared } from "./plan.ts";
import type { ProtoFile } from "./proto.model.ts";
import { type Failure, statusOf } from "./status.ts";

const isVerbose = platform.LOG_LEVEL === "debug" || platform.LOG_LEVEL === "trace";
const FAULTS: ReadonlySet<status> = new Set([
  status.INTERNAL,
  status.UNKNOWN,
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
]);

export class Gateway implements Shared {
  readonly broker: Service["broker"];
  readonly tokens: Tokens;
  readonly keys: ApiKeys;
  readonly admission: Admission;
  readonly live: LiveStreams;
  readonly registry: FileRegistry;
  readonly plans: readonly Plan[];
  readonly metrics: Metrics;
  readonly problems = new Problems();
  readonly logger: Service["logger"];

  constructor(service: Service, files: readonly ProtoFile[], registry: FileRegistry) {
    const { broker, logger } = service;
    this.logger = logger;
    this.broker = broker;
    this.tokens = new Tokens(revocationsOf(broker));
    this.admission = admissionOf(broker);
    this.keys = apiKeysOf(broker);
    this.live = new LiveStreams(service);
    this.registry = registry;
    this.metrics = new Metrics(broker);
    this.problems.learn(files.map(({ contract }) => ({ ...contract, errors: contract.errors ?? {} })));
    this.plans = files.flatMap((file) => file.methods.map((method) => planOf(this, file, method)));
  }

  /** An unexpected failure is logged, because the client learns nothing about it. */
  failureOf({ name }: Plan, { language, trace }: Incoming, error: unknown): Failure {
    if (!this.problems.isKnown(error)) this.logger.error(`${name} ${trace.traceId}`, error);
    const problem = this.problems.of(error, "en");
    const told = language === undefined || language === "en" ? problem : this.problems.of(error, language);
    return statusOf(problem, told, language);
  }

  record({ name }: Plan, { elapsed, requestId, trace }: Incoming, code: status): void {
    this.metrics.count(name, code);
    const isFault = FAULTS.has(code);
    if (!isFault && !isVerbose) return;
    const line = `${name} ${status[code]} ${elapsed.toFixed(1)} ms ${trace.traceId} ${requestId}`;
    if (isFault) this.logger.info(line);
    else this.logger.debug(line);
  }
}
