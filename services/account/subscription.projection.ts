/** Subscriptions in the form that clients see. */
import { timestamp } from "#core/clock.ts";
import type { PlanRow, SubscriptionRow } from "./account.tables.ts";
import { toPlan } from "./plan.projection.ts";
import { toLine } from "./invoice.projection.ts";
import type { Change } from "./subscription.pricing.ts";
import type { Preview, Subscription } from "./subscription.contract.ts";

const orNull = (milliseconds: number | null) => (milliseconds === null ? null : timestamp(milliseconds));

export const toSubscription = (row: SubscriptionRow, plan: PlanRow): Subscription => ({
  id: row.id,
  plan: toPlan(plan),
  status: row.status,
  price: { amount: row.amount, currency: row.currency },
  interval: row.interval,
  periodStart: timestamp(row.period_start),
  periodEnd: timestamp(row.period_end),
  trialEnd: orNull(row.trial_end),
  cancelAtPeriodEnd: row.cancel_at_period_end === 1,
  resumesAt: row.status === "paused" ? orNull(row.due_at) : null,
  nextAttemptAt: row.status === "past_due" ? orNull(row.due_at) : null,
  endedAt: orNull(row.ended_at),
  billing: row.paying === null ? "settled" : "paying",
  reason: row.reason,
  createdAt: row.created_at,
  version: row.version,
});

export function toPreview({ plan, lines, total, credited, due, at, after }: Change): Preview {
  const money = (amount: number) => ({ amount, currency: after.currency });
  return {
    plan: toPlan(plan),
    lines: lines.map(toLine),
    due: money(due),
    credited: money(credited),
    credit: money(Math.max(0, -total)),
    periodEnd: timestamp(after.period_end),
    previewedAt: timestamp(at),
  };
}
