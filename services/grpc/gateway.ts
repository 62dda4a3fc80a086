/** The gRPC gateway: serves each method by its plan, and turns every failure into a status. */
import type { sendUnaryData, StatusObject } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import type { FileRegistry } from "@bufbuild/protobuf";
import type { Service } from "moleculer";
import { platform } from "#core/config.ts";
import { type Admission, admissionOf } from "#mixins/gateway/admission.ts";
import { LiveStreams } from "#mixins/gateway/live.ts";
import { Problems } from "#mixins/gateway/problems.ts";
import { revocationsOf } from "#mixins/node/revocations.ts";
import { Tokens } from "#mixins/node/tokens.ts";
import { Incoming, type StreamCall, type UnaryCall } from "./incoming.ts";
import { MessageStream } from "./message-stream.ts";
import { Metrics } from "./metrics.ts";
import { type Plan, planOf, type Shared } from "./plan.ts";
import type { ProtoFile } from "./proto.model.ts";
import { statusOf } from "./status.ts";

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
  readonly admission: Admission;
  readonly live: LiveStreams;
  readonly registry: FileRegistry;
  readonly plans: readonly Plan[];
  readonly metrics: Metrics;
  readonly #problems = new Problems();
  readonly #logger: Service["logger"];

  constructor(service: Service, files: readonly ProtoFile[], registry: FileRegistry) {
    const { broker, logger } = service;
    this.#logger = logger;
    this.broker = broker;
    this.tokens = new Tokens(revocationsOf(broker));
    this.admission = admissionOf(broker);
    this.live = new LiveStreams(service);
    this.registry = registry;
    this.metrics = new Metrics(broker);
    this.#problems.learn(files.map(({ contract }) => ({ ...contract, errors: contract.errors ?? {} })));
    this.plans = files.flatMap((file) => file.methods.map((method) => planOf(this, file, method)));
  }

  /** Answers one call. No call can make this throw. */
  async serve(plan: Plan, call: UnaryCall, done: sendUnaryData<Buffer>): Promise<void> {
    const incoming = new Incoming(call);
    const [failure, bytes] = await plan.answer(incoming, call.request).then(
      (answer) => [null, answer] as const,
      (error: unknown) => [this.statusOf(plan, incoming, error), null] as const,
    );
    if (!failure) call.sendMetadata(incoming.answerMetadata());
    done(failure, bytes);
    this.#record(plan, incoming, failure?.code ?? status.OK);
  }

  /** Opens a live stream. No call can make this throw. */
  stream(plan: Plan, call: StreamCall): void {
    const incoming = new Incoming(call);
    const stream = new MessageStream({
      call,
      incoming,
      encode: plan.encode,
      statusOf: (reason) => this.statusOf(plan, incoming, reason),
      ended: (code) => this.#record(plan, incoming, code),
    });
    plan
      .source(incoming, call.request)
      .then((source) => this.live.open(stream, source))
      .catch((error: unknown) => stream.end(error));
  }

  /** An unexpected failure is logged, because the client learns nothing about it. */
  statusOf({ name }: Plan, incoming: Incoming, error: unknown): StatusObject {
    const { language, trace } = incoming;
    if (!this.#problems.isKnown(error)) this.#logger.error(`${name} ${trace.traceId}`, error);
    const problem = this.#problems.of(error, "en");
    const told = language === undefined || language === "en" ? problem : this.#problems.of(error, language);
    const { metadata, ...rest } = statusOf(problem, told, language);
    return { ...rest, metadata: incoming.answerMetadata(metadata) };
  }

  #record({ name }: Plan, { elapsed, requestId, trace }: Incoming, code: status): void {
    this.metrics.count(name, code);
    const isFault = FAULTS.has(code);
    if (!isFault && !isVerbose) return;
    const line = `${name} ${status[code]} ${elapsed.toFixed(1)} ms ${trace.traceId} ${requestId}`;
    if (isFault) this.#logger.info(line);
    else this.#logger.debug(line);
  }
}
