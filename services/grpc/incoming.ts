/** One call: who asks, from where, in which language, and how long the client waits for the answer. */
import type { Language } from "#core/text.ts";
import { clientAddress } from "#mixins/gateway/address.ts";
import { preferredLanguage } from "#mixins/gateway/language.ts";
import { regionOf } from "#mixins/gateway/region.ts";
import { requestIdOf, type Trace, traceOf } from "#mixins/gateway/trace.ts";

/** A call as its protocol brings it. */
export interface Call {
  /** The first, when it comes more than once. */
  header(name: string): string | undefined;
  /** The other end of the connection. */
  readonly peer: { readonly remoteAddress?: string | undefined };
  /** Milliseconds that the client still waits; undefined when it said nothing of it. */
  readonly timeLeft: number | undefined;
}

/** The client, as far as it is known without a sign-in. */
export const addressOf = (call: Pick<Call, "header" | "peer">): string =>
  clientAddress(call.peer, call.header("x-forwarded-for"));

export class Incoming {
  readonly trace: Trace;
  readonly requestId: string;
  readonly startedAt = performance.now();
  /** The answer is the one that the same request got before. */
  isReplayed = false;
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
    this.trace = traceOf(this.header("traceparent"));
    this.requestId = requestIdOf(this.header("x-request-id"), this.trace.traceId);
  }

  header(name: string): string | undefined {
    return this.#call.header(name);
  }

  get language(): Language | undefined {
    return preferredLanguage(this.header("accept-language"));
  }

  get region(): string | undefined {
    return regionOf((name) => this.header(name));
  }

  get address(): string {
    return addressOf(this.#call);
  }

  get timeLeft(): number | undefined {
    return this.#call.timeLeft;
  }

  /** Milliseconds since the call arrived. */
  get elapsed(): number {
    return performance.now() - this.startedAt;
  }

  /** What every answer carries, whatever happens. */
  get answerHeaders(): readonly (readonly [name: string, value: string])[] {
    const { traceId, spanId } = this.trace;
    return [
      ["x-request-id", this.requestId],
      ["traceparent", `00-${traceId}-${spanId}-01`],
      ...(this.isReplayed ? [["idempotent-replayed", "true"] as const] : []),
    ];
  }
}
