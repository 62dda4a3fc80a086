/** The rules of subscriptions that need neither time nor database: states and periods. */
import type { Interval } from "./plan.contract.ts";

export const statuses = ["pending", "trialing", "active", "past_due", "paused", "cancelled"] as const;
export type Status = (typeof statuses)[number];

/** States in which a person may watch. An overdue payment has a few days before that ends. */
const entitling: ReadonlySet<Status> = new Set(["trialing", "active", "past_due"]);
export const entitles = (status: Status): boolean => entitling.has(status);

const MONTHS: Record<Interval, number> = { month: 1, year: 12 };

/** The day of the anchor in a later month, or that month's last day. Milliseconds since the epoch, in UTC. */
function monthsAfter(anchor: number, months: number): number {
  const date = new Date(anchor);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

/**
 * When the period ends that begins at `start`. Periods keep to the day on which the first one began: what begins on
 * 31 January is due on 28 February, and then on 31 March.
 * @param anchor when the first period began; this and `start` in milliseconds since the epoch
 */
export function periodEnd(anchor: number, start: number, interval: Interval): number {
  const [from, to] = [new Date(anchor), new Date(start)];
  const passed = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  const months = Math.max(0, passed - (passed % MONTHS[interval]));
  const end = monthsAfter(anchor, months);
  return end > start ? end : monthsAfter(anchor, months + MONTHS[interval]);
}
