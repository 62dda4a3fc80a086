/** How a subscription begins, changes and ends by its customer's wish. */
import { DAY, timestamp } from "#core/clock.ts";
import type { Input } from "#core/contract.ts";
import { type Ctx, userId } from "#core/context.ts";
import { newId } from "#core/id.ts";
import { config } from "./account.config.ts";
import { account } from "./account.contract.ts";
import * as accounts from "./account.repository.ts";
import { GIVEN_UP, type Host } from "./account.saga.ts";
import type { InvoiceRow, PlanRow, SubscriptionRow, Tx } from "./account.tables.ts";
import { cancelled, moved } from "./account.transition.ts";
import { lineOf } from "./invoice.model.ts";
import { endOf, reminder } from "./message.settlement.ts";
import * as invoices from "./invoice.repository.ts";
import { creditNote, effectOn, events, issue, pay, schedule } from "./invoice.settlement.ts";
import { periodEnd } from "./subscription.model.ts";
import { offered, priceChange, termsOf } from "./subscription.pricing.ts";
import { toSubscription } from "./subscription.projection.ts";
import type { Subscription } from "./subscription.contract.ts";
import * as subscriptions from "./subscription.repository.ts";

const begun = (user: string, plan: PlanRow, now: number, payment_method: string): SubscriptionRow => ({
  id: newId(),
  user_id: user,
  ...termsOf(plan),
  status: "pending",
  anchor: now,
  period_start: now,
  period_end: periodEnd(now, now, plan.interval),
  trial_end: null,
  cancel_at_period_end: 0,
  paused_left: null,
  due_at: null,
  paying: null,
  failures: 0,
  payment_method,
  reason: null,
  ended_at: null,
  created_at: timestamp(now),
  version: 1,
});

function onTrial(row: SubscriptionRow, days: number): SubscriptionRow {
  const end = row.period_start + days * DAY;
  return { ...row, status: "trialing", anchor: end, period_end: end, trial_end: end, due_at: end };
}

/** Begins with the plan's trial, or waits for the first payment. @returns the invoice of that */
export async function begin(
  this: Host,
  ctx: Ctx<Input<"account.subscribe">>,
  tx: Tx,
): Promise<{ id: string; invoiceId: string | null }> {
  const { planId, paymentMethod } = ctx.params;
  const user = userId(ctx);
  accounts.lock(tx, user);
  const plan = await offered(tx, planId, ctx.meta.region ?? null);
  const last = await subscriptions.find(tx, user);
  if (last && last.row.status !== "cancelled") throw account.error("ALREADY_SUBSCRIBED");
  const own = await accounts.find(tx, user);
  const row = begun(user, plan, own.now, paymentMethod);
  const taken = () => account.error("ALREADY_SUBSCRIBED");
  if (!own.hadTrial && plan.trial_days > 0) {
    const trial = onTrial(row, plan.trial_days);
    tx.add(subscriptions.insert(trial, taken), accounts.beginTrial(user));
    tx.add(...events(this.outbox, ctx, effectOn(null, trial, plan.code)), ...schedule(this, trial, own.clock));
    tx.add(...reminder(this, trial, own.clock));
    return { id: row.id, invoiceId: null };
  }
  const { id: subscriptionId, currency } = row;
  const period = { from: row.period_start, to: row.period_end };
  const text = { en: plan.name_en, ko: plan.name_ko };
  const lines = [lineOf({ text, amount: row.amount, taxRate: row.tax_rate, ...period })];
  const bill = { account: own, userId: user, purpose: "start", lines, currency, subscriptionId, period } as const;
  const invoice = await issue(this, tx, bill);
  const waiting = { ...row, paying: invoice.id };
  tx.add(subscriptions.insert(waiting, taken));
  tx.add(...events(this.outbox, ctx, effectOn(null, waiting, plan.code)));
  const paid = effectOn(waiting, moved(row, "activate", { due_at: row.period_end }), plan.code);
  const failed = effectOn(waiting, cancelled(row, "payment_failed", own.now), plan.code);
  pay(this, ctx, tx, {
    invoice,
    attempt: invoice.id,
    paymentMethod,
    clock: own.clock,
    paid: { invoice: "paid", subscription: paid },
    failed: { invoice: "void", subscription: failed },
  });
  return { id: row.id, invoiceId: invoice.id };
}

type Changed = { readonly to: SubscriptionRow; readonly code: string; readonly invoiceId: string | null };

/** The part of a change that costs something. */
async function changePlan(
  this: Host,
  ctx: Ctx,
  tx: Tx,
  found: subscriptions.Subscribed,
  wish: { readonly planId: string; readonly previewedAt?: string | undefined },
): Promise<Changed> {
  const { row, plan: old } = found;
  const { user_id: user, id: subscriptionId, currency } = row;
  const own = await accounts.find(tx, user);
  const { plan, lines, total, after } = await priceChange(tx, found, own, { ...wish, region: ctx.meta.region ?? null });
  const bill = { account: own, userId: user, purpose: "change", lines, currency, subscriptionId } as const;
  if (total <= 0) {
    if (total < 0) {
      await creditNote(this, tx, bill);
      tx.add(invoices.addCredit(user, currency, -total));
    }
    tx.add(...events(this.outbox, ctx, effectOn(row, after, plan.code)), ...schedule(this, after, own.clock));
    return { to: after, code: plan.code, invoiceId: null };
  }
  const invoice = await issue(this, tx, bill);
  const paid = { invoice: "paid", subscription: effectOn(row, after, plan.code) } as const;
  const failed = { invoice: "void", subscription: effectOn(row, row, old.code) } as const;
  const paymentMethod = row.payment_method!;
  const payment = { invoice, attempt: invoice.id, paymentMethod, clock: own.clock, paid, failed };
  // The row that the end of the payment finds, also when credit pays at once.
  tx.add(subscriptions.replace(row, { ...row, paying: invoice.id, due_at: null }));
  pay(this, ctx, tx, payment);
  return { to: row, code: old.code, invoiceId: invoice.id };
}

/** @returns the invoice of a change that must be paid first */
export async function change(this: Host, ctx: Ctx<Input<"account.editSubscription">>, tx: Tx): Promise<string | null> {
  const { planId, previewedAt, cancelAtPeriodEnd, paymentMethod, version } = ctx.params;
  const found = await own(tx, userId(ctx));
  const { row } = found;
  if (version !== undefined && version !== row.version) throw account.error("STALE_VERSION");
  if (row.status === "cancelled") throw account.error("NOT_POSSIBLE", { status: row.status });
  const wished: SubscriptionRow = {
    ...row,
    payment_method: paymentMethod ?? row.payment_method,
    cancel_at_period_end: cancelAtPeriodEnd === undefined ? row.cancel_at_period_end : Number(cancelAtPeriodEnd),
  };
  const isMoving = planId !== undefined && planId !== row.plan_id;
  if (!isMoving) {
    tx.add(subscriptions.replace(row, wished));
    return null;
  }
  const { to, invoiceId } = await changePlan.call(this, ctx, tx, { ...found, row: wished }, { planId, previewedAt });
  if (invoiceId === null) tx.add(subscriptions.replace(row, to));
  return invoiceId;
}

/** @throws NOT_FOUND */
async function own(tx: Tx, user: string): Promise<subscriptions.Subscribed> {
  accounts.lock(tx, user);
  const found = await subscriptions.find(tx, user);
  if (!found) throw account.error("NOT_FOUND");
  return found;
}

/** The reason of an end when its person deletes the account. */
export const LEFT = "account_deleted";

/** Ends a subscription at once: a payment that is under way is undone, and one that is overdue is given up. */
export async function end(this: Host, ctx: Ctx, tx: Tx, user: string, reason: string): Promise<Subscription> {
  const { row, plan } = await own(tx, user);
  if (row.status === "cancelled") return toSubscription(row, plan);
  const { now } = await accounts.find(tx, user);
  const next = cancelled(row, reason, now);
  if (row.paying === null) tx.add(...giveUp(await invoices.openOf(tx, row.id), reason, now));
  // Before the subscription, which is the order in which the saga changes the two.
  else tx.add(this.saga.undo(row.paying, GIVEN_UP));
  tx.add(subscriptions.replace(row, next));
  tx.add(...events(this.outbox, ctx, effectOn(row, next, plan.code)));
  // One that never began has no end, and who left is not written to.
  if (row.status !== "pending" && reason !== LEFT) tx.add(endOf(this.outbox, ctx, row, reason));
  return toSubscription({ ...next, version: row.version + 1 }, plan);
}

/** An overdue invoice that nobody pays any more. */
function giveUp(invoice: InvoiceRow | undefined, reason: string, time: number) {
  if (!invoice) return [];
  const { id, attempt, payment_id } = invoice;
  return [
    invoices.end({ id, attempt: attempt!, status: "void", payment_id, reason, time }),
    invoices.giveBackCredit(id),
  ];
}

/** Nobody watches and nothing is paid until it goes on; what is left of the period is kept. */
export async function pause(this: Host, ctx: Ctx, tx: Tx): Promise<Subscription> {
  const { row, plan } = await own(tx, userId(ctx));
  if (row.paying !== null) throw account.error("NOT_POSSIBLE", { status: row.status });
  const { now, clock } = await accounts.find(tx, row.user_id);
  const left = Math.max(0, row.period_end - now);
  const next = moved(row, "pause", { paused_left: left, due_at: now + config.ACCOUNT_PAUSE_MAX });
  tx.add(subscriptions.replace(row, next), ...events(this.outbox, ctx, effectOn(row, next, plan.code)));
  tx.add(...schedule(this, next, clock));
  return toSubscription({ ...next, version: row.version + 1 }, plan);
}

/** The subscription as it goes on after a pause. Later periods keep to the day on which the present one now ends. */
export function resumed(row: SubscriptionRow, now: number): SubscriptionRow {
  const end = now + row.paused_left!;
  const length = row.period_end - row.period_start;
  return moved(row, "resume", {
    paused_left: null,
    anchor: end,
    period_start: end - length,
    period_end: end,
    due_at: end,
  });
}

export async function resume(this: Host, ctx: Ctx, tx: Tx): Promise<Subscription> {
  const { row, plan } = await own(tx, userId(ctx));
  if (row.status !== "paused") throw account.error("NOT_POSSIBLE", { status: row.status });
  const { now, clock } = await accounts.find(tx, row.user_id);
  const next = resumed(row, now);
  tx.add(subscriptions.replace(row, next), ...events(this.outbox, ctx, effectOn(row, next, plan.code)));
  tx.add(...schedule(this, next, clock));
  return toSubscription({ ...next, version: row.version + 1 }, plan);
}
