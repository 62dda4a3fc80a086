/** One call: who asks, from where, in which language, and how long the client waits for the answer. */
import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import { Metadata } from "@grpc/grpc-js";
import { now } from "#core/clock.ts";
import type { Language } from "#core/text.ts";
import { clientAddress } from "#mixins/gateway/address.ts";
import { preferredLanguage } from "#mixins/gateway/language.ts";
import { requestIdOf, type Trace, traceOf } from "#mixins/gateway/trace.ts";

export type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
export type StreamCall = ServerWritableStream<Buffer, Buffer>;

/** `203.0.113.2:40001`; an IPv6 address is not in brackets, so the port can be told from it by its place alone. */
const withoutPort = (peer: string): string => peer.replace(/:\d+$/, "");

/** The first, when it comes more than once. */
function headerOf({ metadata }: Pick<UnaryCall, "metadata">, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}

/** The client, as far as it is known without a sign-in. */
export const addressOfCall = (call: Pick<UnaryCall, "metadata" | "getPeer">): string =>
  clientAddress({ remoteAddress: withoutPort(call.getPeer()) }, headerOf(call, "x-forwarded-for"));

export class Incoming {
  readonly trace: Trace;
  readonly requestId: string;
  readonly startedAt = performance.now();
  /** The answer is the one that the same request got before. */
  isReplayed = false;
  readonly #call: UnaryCall | StreamCall;

  constructor(call: UnaryCall | StreamCall) {
    this.#call = call;
    this.trace = traceOf(this.header("traceparent"));
    this.requestId = requestIdOf(this.header("x-request-id"), this.trace.traceId);
  }

  header(name: string): string | undefined {
    return headerOf(this.#call, name);
  }

  get language(): Language | undefined {
    return preferredLanguage(this.header("accept-language"));
  }

  get address(): string {
    return addressOfCall(this.#call);
  }

  /** Milliseconds that the client still waits; undefined when it said nothing of it. */
  get timeLeft(): number | undefined {
    const deadline = this.#call.getDeadline();
    return deadline === Infinity ? undefined : Math.max(Number(deadline) - now(), 1);
  }

  /** Milliseconds since the call arrived. */
  get elapsed(): number {
    return performance.now() - this.startedAt;
  }

  /** What every answer carries, whatever happens. */
  answerMetadata(metadata = new Metadata()): Metadata {
    const { traceId, spanId } = this.trace;
    metadata.set("x-request-id", this.requestId);
    metadata.set("traceparent", `00-${traceId}-${spanId}-01`);
    if (this.isReplayed) metadata.set("idempotent-replayed", "true");
    return metadata;
  }
}
