/** A limit for what a broker is asked, where its client has none of its own. */
import { setTimeout as sleep } from "node:timers/promises";

/** @throws the reason after this many milliseconds; the work itself is not ended */
export async function inTime<T>(work: Promise<T>, milliseconds: number, reason: string): Promise<T> {
  const waiting = new AbortController();
  const late = sleep(milliseconds, undefined, waiting).then(() => Promise.reject(new Error(reason)));
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    waiting.abort();
  }
}
