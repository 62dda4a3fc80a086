/** When a request is sent again, and after how long. */
import { isMadangError } from "./problem.ts";
import type { Request } from "./request.ts";

export interface RetryOptions {
  /** How often a request is sent, the first time included. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; each later one waits up to twice as long. */
  readonly delay: number;
  /** Milliseconds that no wait exceeds. A `Retry-After` beyond it ends the call. */
  readonly longestDelay: number;
}

export const defaults: RetryOptions = { attempts: 4, delay: 200, longestDelay: 10_000 };

const TRANSIENT: ReadonlySet<number> = new Set([502, 503, 504]);

/** True when the request has had no effect, or may have it once more. */
function isWorthRepeating(error: unknown, { isRepeatable }: Request): boolean {
  if (!isMadangError(error)) return isRepeatable;
  if (error.status === 429) return true;
  return isRepeatable && (TRANSIENT.has(error.status) || error.code === "IDEMPOTENCY_IN_PROGRESS");
}

/** Up to twice the delay of the attempt before, at random, so that many clients do not return at the same moment. */
const backOff = (attempt: number, { delay, longestDelay }: RetryOptions): number =>
  Math.random() * Math.min(delay * 2 ** attempt, longestDelay);

/** @throws the signal's reason when it is aborted */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/**
 * Sends until there is an answer, or a repetition would be of no use, or could do something twice.
 * @throws the error of the last attempt
 */
export async function retried<T>(
  request: Request,
  send: () => Promise<T>,
  options: RetryOptions,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      const wait = (isMadangError(error) ? error.retryAfter : undefined) ?? backOff(attempt, options);
      const isLast = attempt >= options.attempts || wait > options.longestDelay || signal?.aborted;
      if (isLast || !isWorthRepeating(error, request)) throw error;
      await pause(wait, signal);
    }
  }
}
