/** What a change of plan costs, shown before it is made, and the subscription afterwards. */
import { account } from "./account.contract.ts";
import type { Account } from "./account.repository.ts";
import type { Db, PlanRow, SubscriptionRow } from "./account.tables.ts";
import { changeLines, creditFor, type Line, sumOf } from "./invoice.model.ts";
import { creditOf } from "./invoice.repository.ts";
import * as plans from "./plan.repository.ts";
import { periodEnd } from "./subscription.model.ts";
import type { Subscribed } from "./subscription.repository.ts";

/** Milliseconds for which a shown price holds. */
const HOLDS = 15 * 60_000;

export interface Change {
  readonly plan: PlanRow;
  readonly lines: readonly Line[];
  /** Minor units; below 0 when more is given back than charged. */
  readonly total: number;
  readonly tax: number;
  /** Taken of the customer's credit, and what is left to pay. */
  readonly credited: number;
  readonly due: number;
  /** The moment that it is computed for, in milliseconds since the epoch. */
  readonly at: number;
  readonly after: SubscriptionRow;
}

const nameOf = ({ name_en: en, name_ko: ko }: PlanRow) => ({ en, ko });

/** When the viewer's country is not known, only plans that are offered everywhere can be chosen. */
function isHere(plan: PlanRow, region: string | null): boolean {
  const regions = JSON.parse(plan.regions) as string[];
  return regions.length === 0 || (region !== null && regions.includes(region));
}

/** The plan, unless it cannot be chosen. @throws PLAN_NOT_FOUND */
export async function offered(db: Db, id: string, region: string | null): Promise<PlanRow> {
  const plan = await plans.find(db, id);
  if (!plan || plan.archived_at !== null || !isHere(plan, region)) throw account.error("PLAN_NOT_FOUND");
  return plan;
}

/** The terms that a subscription takes over from its plan. */
export const termsOf = ({ id, currency, amount, tax_rate, interval }: PlanRow) => ({
  plan_id: id,
  currency,
  amount,
  tax_rate,
  interval,
});

/** When the change is computed for: now, or when the customer was shown the price. @throws PREVIEW_EXPIRED */
function momentOf(row: SubscriptionRow, { now: time }: Account, previewed: string | undefined): number {
  if (previewed === undefined) return time;
  const at = Date.parse(previewed);
  if (at > time || at < time - HOLDS || at < row.period_start) throw account.error("PREVIEW_EXPIRED");
  return at;
}

/**
 * The price of another plan, from now on or from the moment of a preview.
 * @throws PLAN_NOT_FOUND, NOT_POSSIBLE, PREVIEW_EXPIRED
 */
export async function priceChange(
  db: Db,
  { row, plan: old }: Subscribed,
  of: Account,
  { planId, previewedAt, region }: { planId: string; previewedAt?: string | undefined; region: string | null },
): Promise<Change> {
  const plan = await offered(db, planId, region);
  const isOpen = row.status === "trialing" || row.status === "active";
  if (!isOpen || row.paying !== null || plan.id === row.plan_id || plan.currency !== row.currency)
    throw account.error("NOT_POSSIBLE", { status: row.status });
  const at = momentOf(row, of, previewedAt);
  if (row.status === "trialing") {
    const after = { ...row, ...termsOf(plan) };
    return { plan, lines: [], total: 0, tax: 0, credited: 0, due: 0, at, after };
  }
  const credit = await creditOf(db, row.user_id, row.currency);
  const shown = changeAt(at, row, old, plan, credit);
  if (shown.total >= 0 || at === of.now) return shown;
  // Nothing is given back for time that has passed since the preview: the plan was used for it.
  const change = changeAt(of.now, row, old, plan, credit);
  if (change.total > 0) throw account.error("PREVIEW_EXPIRED");
  return change;
}

/** A change of a subscription that is paid for, at this moment of its period. */
function changeAt(at: number, row: SubscriptionRow, old: PlanRow, plan: PlanRow, credit: number): Change {
  const period = { from: row.period_start, to: row.period_end };
  const isSame = plan.interval === row.interval;
  const next = isSame ? period : { from: at, to: periodEnd(at, at, plan.interval) };
  const lines = changeLines({
    old: { name: nameOf(old), amount: row.amount, taxRate: row.tax_rate },
    new: { name: nameOf(plan), amount: plan.amount, taxRate: plan.tax_rate },
    period,
    next,
    at,
  });
  const { total, tax } = sumOf(lines);
  const credited = creditFor(total, credit);
  const moved = isSame ? {} : { anchor: at, period_start: next.from, period_end: next.to };
  const due = Math.max(total, 0) - credited;
  return { plan, lines, total, tax, credited, due, at, after: { ...row, ...termsOf(plan), ...moved, due_at: next.to } };
}
