/** The end of each order while the depot was away: the answers that the shop got, compared with the rows that the depot holds. */
import type { Held } from "./depot.ts";
import type { Passed } from "./measure.ts";

export interface Outcome {
  /** Held and told within a second. */
  readonly inTime: number;
  /** Held and told later. */
  readonly late: number;
  /** The caller got an error. */
  readonly failed: number;
  /** Of those, how many are held all the same. */
  readonly failedButHeld: number;
  /** The caller got a success, but the depot never held the order. */
  readonly lost: number;
  /** Came more than once. Each is held once, by its id. */
  readonly twice: number;
  /** Held before one of the same article that was ordered earlier. */
  readonly outOfOrder: number;
}

/** Milliseconds. */
const LATE = 1000;

/** @param isAnswered false where the caller gets its answer before the order is held */
export function outcomeOf(passed: readonly Passed[], held: readonly Held[], isAnswered: boolean): Outcome {
  const rows = new Map(held.map((row) => [row.order_id, row]));
  const failed = passed.filter(({ toldAt }) => toldAt === null);
  const well = passed.filter(({ toldAt }) => toldAt !== null);
  const kept = well.filter(({ orderId }) => rows.has(orderId));
  const wait = ({ orderId, sentAt, toldAt }: Passed) => (isAnswered ? toldAt! : rows.get(orderId)!.at) - sentAt;
  const late = kept.filter((one) => wait(one) > LATE).length;
  const own = new Set(passed.map(({ orderId }) => orderId));
  const mine = held.filter((row) => own.has(row.order_id)).toSorted((a, b) => a.at - b.at);
  const last = new Map<string, number>();
  let outOfOrder = 0;
  for (const { article, seq } of mine) {
    const before = last.get(article) ?? -1;
    if (seq < before) outOfOrder += 1;
    last.set(article, Math.max(before, seq));
  }
  return {
    inTime: kept.length - late,
    late,
    failed: failed.length,
    failedButHeld: failed.filter(({ orderId }) => rows.has(orderId)).length,
    lost: well.length - kept.length,
    twice: mine.filter(({ times }) => times > 1).length,
    outOfOrder,
  };
}
