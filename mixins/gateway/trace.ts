/** The identity of a request, W3C trace context and X-Request-Id, taken from the client or generated. */
import { randomBytes } from "node:crypto";
import { holdsCardNumber } from "#core/card.ts";

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})/;
const REQUEST_ID = /^[\w.:-]{1,128}$/;

const POOL_BYTES = 24 * 512;
let pool = "";
let used = 0;

/** Random hexadecimal digits. They are drawn in bulk, because a single draw costs more than routing a request. */
function randomHex(digits: number): string {
  if (used + digits > pool.length) {
    pool = randomBytes(POOL_BYTES).toString("hex");
    used = 0;
  }
  return pool.slice(used, (used += digits));
}

export interface Trace {
  readonly traceId: string;
  /** The gateway's own part of the trace. */
  readonly spanId: string;
  /** The caller's span, if there is one. */
  readonly parent: { readonly id: string; readonly sampled: boolean } | undefined;
}

/** Continues the client's trace, or begins one. */
export function traceOf(traceparent: string | undefined): Trace {
  const found = traceparent === undefined || holdsCardNumber(traceparent) ? null : TRACEPARENT.exec(traceparent);
  if (!found) return { traceId: randomHex(32), spanId: randomHex(16), parent: undefined };
  const [, traceId, id, flags] = found as unknown as [string, string, string, string];
  return { traceId, spanId: randomHex(16), parent: { id, sampled: (Number.parseInt(flags, 16) & 1) === 1 } };
}

/** The client's id of the request, if it is safe in a header and in a log line; else the trace's id. */
export const requestIdOf = (header: unknown, traceId: string): string =>
  typeof header === "string" && REQUEST_ID.test(header) && !holdsCardNumber(header) ? header : traceId;
