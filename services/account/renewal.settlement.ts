/** What a subscription is due for by its account's clock: the next period, another attempt, the end of a pause, its own end. */
import { setTimeout as sleep } from "node:timers/promises";
import { DAY, HOUR, now, timestamp } from "#core/clock.ts";
import type { Ctx } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import type { JobRun } from "#core/job-run.ts";
import { config } from "./account.config.ts";
import { account } from "./account.contract.ts";
import type { TestClock } from "./clock.contract.ts";
import * as accounts from "./account.repository.ts";
import type { Host } from "./account.saga.ts";
import type { PlanRow, SubscriptionRow, Tx } from "./account.tables.ts";
import { cancelled, moved } from "./account.transition.ts";
import { daysUntilRetry, lineOf } from "./invoice.model.ts";
import * as invoices from "./invoice.repository.ts";
import { type Effect, effectOn, events, issue, pay, schedule } from "./invoice.settlement.ts";
import { periodEnd } from "./subscription.model.ts";
import { end, resumed } from "./subscription.placement.ts";
import { termsOf } from "./subscription.pricing.ts";
import * as subscriptions from "./subscription.repository.ts";

/** Milliseconds between two looks at a payment that takes its time. */
const LOOK = 200;

/** A subscription at a moment at which something is due. */
interface Due {
  readonly before: SubscriptionRow;
  readonly row: SubscriptionRow;
  readonly plan: PlanRow;
  readonly own: accounts.Account;
}

/** What another failed payment makes of it: it is overdue and tried again, or it ends. */
function failed({ before, row, plan, own }: Due): Effect {
  const failures = before.failures + 1;
  const days = daysUntilRetry(failures);
  if (days === null) {
    const ended = { ...cancelled(row, "payment_failed", own.now), failures };
    return { invoice: "uncollectible", subscription: effectOn(before, ended, plan.code) };
  }
  const overdue = moved(row, "miss", { failures, due_at: own.now + days * DAY });
  return { invoice: "open", subscription: effectOn(before, overdue, plan.code) };
}

const paid = ({ before, row, plan }: Due): Effect => ({
  invoice: "paid",
  subscription: effectOn(before, moved(row, "activate", { failures: 0, due_at: row.period_end }), plan.code),
});

/** The next period begins and is invoiced. A constraint ensures that this happens once. */
async function renew(host: Host, ctx: Ctx, tx: Tx, { before, plan, own }: Due): Promise<void> {
  const from = before.period_end;
  const period = { from, to: periodEnd(before.anchor, from, before.interval) };
  const row = { ...before, ...termsOf(plan), period_start: period.from, period_end: period.to, due_at: null };
  const { user_id: userId, id: subscriptionId, currency } = row;
  const text = { en: plan.name_en, ko: plan.name_ko };
  const lines = [lineOf({ text, amount: row.amount, taxRate: row.tax_rate, ...period })];
  const bill = { account: own, userId, purpose: "renewal", lines, currency, subscriptionId, period } as const;
  const invoice = await issue(host, tx, bill);
  const due = { before, row, plan, own };
  tx.add(subscriptions.replace(before, { ...row, paying: invoice.id }));
  pay(host, ctx, tx, {
    invoice,
    attempt: invoice.id,
    paymentMethod: row.payment_method!,
    clock: own.clock,
    paid: paid(due),
    failed: failed(due),
  });
}

/** Another attempt at the overdue invoice, as a payment of its own: the one before it can take no money any more. */
async function retry(host: Host, ctx: Ctx, tx: Tx, due: Due): Promise<void> {
  const { before, own } = due;
  const invoice = (await invoices.openOf(tx, before.id))!;
  const attempt = newId();
  tx.add(subscriptions.replace(before, { ...before, paying: attempt, due_at: null }));
  pay(host, ctx, tx, {
    invoice,
    attempt,
    paymentMethod: before.payment_method!,
    clock: own.clock,
    paid: paid(due),
    failed: failed(due),
  });
}

async function act(host: Host, ctx: Ctx, tx: Tx, { row, plan }: subscriptions.Subscribed, own: accounts.Account) {
  const due: Due = { before: row, row, plan, own };
  if (row.status === "paused") {
    const next = resumed(row, own.now);
    tx.add(subscriptions.replace(row, next), ...events(host.outbox, ctx, effectOn(row, next, plan.code)));
    tx.add(...schedule(host, next, own.clock));
  } else if (row.cancel_at_period_end === 1) await end.call(host, ctx, tx, row.user_id, "period_ended");
  else if (row.status === "past_due") await retry(host, ctx, tx, due);
  else await renew(host, ctx, tx, due);
}

type Renewing = JobRun<{ subscriptionId: string; at: string }>;

/** Does what is due at this time, unless it was done before, or has been moved. */
export async function renewal(this: Host, { ctx, input }: Renewing): Promise<void> {
  const user = ctx.user!.id!;
  await subscriptions.unlessOvertaken(() =>
    this.db.write(async (tx) => {
      accounts.lock(tx, user);
      const found = await subscriptions.byId(tx, input.subscriptionId);
      const own = await accounts.find(tx, user);
      const at = Date.parse(input.at);
      if (found?.row.due_at !== at) return;
      if (at <= own.now) await act(this, ctx, tx, found, own);
      // The database, by whose clock a job begins, may be ahead of this node.
      else tx.add(...schedule(this, found.row, own.clock));
    }),
  );
}

/**
 * Milliseconds for which a renewal may be late before its job counts as lost, and subscriptions that are looked at together.
 */
const LATE = HOUR / 2;
const PAGE = 500;

/** The job of a renewal may be lost or dead, which must not leave a subscription unpaid for ever. One more a day is enough. */
export async function catchUp(this: Host, { signal }: JobRun): Promise<void> {
  const day = timestamp().slice(0, 10);
  for (let after = ""; ;) {
    signal.throwIfAborted();
    const found = await subscriptions.overdue(this.db, now() - LATE, after, PAGE);
    await this.db.write(async (tx) => tx.add(...found.map((row) => again(this, row, day))));
    if (found.length < PAGE) return;
    after = found.at(-1)!.id;
  }
}

function again(
  { jobs }: Host,
  { id, user_id, due_at }: Pick<SubscriptionRow, "id" | "user_id" | "due_at">,
  day: string,
) {
  const at = timestamp(due_at!);
  return jobs.add("renew", { subscriptionId: id, at }, { userId: user_id, key: `${id} ${at} ${day}` });
}

/** Moves the test clock to the next time at which something is due, and does it. @returns false when nothing is */
async function step(host: Host, ctx: Ctx, tx: Tx, user: string, to: number): Promise<boolean> {
  accounts.lock(tx, user);
  const found = await subscriptions.find(tx, user);
  const own = await accounts.find(tx, user);
  const at = found?.row.due_at ?? null;
  if (!found || at === null || at > to) return false;
  const clock = Math.max(own.now, at);
  tx.add(accounts.setClock(user, clock));
  await act(host, ctx, tx, found, { ...own, now: clock, clock });
  return true;
}

type Advancing = JobRun<{ to: string }>;

/** Runs what is due until a time, one after the other, each after the payment before it has ended. */
export async function advancing(this: Host, { ctx, input, signal }: Advancing) {
  const user = ctx.user!.id!;
  const to = Date.parse(input.to);
  for (;;) {
    signal.throwIfAborted();
    const paying = (await subscriptions.find(this.db, user))?.row.paying ?? null;
    if (paying !== null) {
      const { status } = await this.saga.settled(paying, LOOK);
      if (status === "parked") throw new Error(`The payment ${paying} needs attention.`);
      if (status === "waiting" || status === "active") await sleep(LOOK, undefined, { signal });
      continue;
    }
    const isMore = await subscriptions.unlessOvertaken(() => this.db.write((tx) => step(this, ctx, tx, user, to)));
    if (!isMore) return { writes: [accounts.endAdvance(user, to)] };
  }
}

/** Milliseconds: five years. */
const FARTHEST = 5 * 366 * DAY;

export const toTestClock = (userId: string, { clock, target }: accounts.Account): TestClock => {
  if (clock === null) throw account.error("NOT_FOUND");
  return {
    userId,
    now: timestamp(clock),
    target: target === null ? null : timestamp(target),
    status: target === null ? "ready" : "advancing",
  };
};

/** The account has a test clock from now on, and a job moves it. @throws NOT_FOUND, CLOCK_BACK, CLOCK_ADVANCING, CLOCK_REFUSED */
export async function beginAdvance(this: Host, tx: Tx, { userId, to }: Input<"account.advance">): Promise<TestClock> {
  if (!config.ACCOUNT_TEST_CLOCKS) throw account.error("NOT_FOUND");
  accounts.lock(tx, userId);
  const own = await accounts.find(tx, userId);
  const target = Date.parse(to);
  if (own.clock === null && (await invoices.hasReal(tx, userId))) throw account.error("CLOCK_REFUSED");
  if (own.target !== null) throw account.error("CLOCK_ADVANCING");
  if (target < own.now || target > own.now + FARTHEST) throw account.error("CLOCK_BACK", { now: timestamp(own.now) });
  tx.add(accounts.beginAdvance(userId, own.now, target), this.jobs.add("advance", { to }, { userId }));
  return toTestClock(userId, { ...own, clock: own.now, target });
}
