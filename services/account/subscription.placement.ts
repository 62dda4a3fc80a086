/** How a subscription begins, and how its customer ends it. */
import type { Service } from "moleculer";
import { DAY, timestamp } from "#core/clock.ts";
import type { Input, Output } from "#core/contract.ts";
import { type Ctx, userId } from "#core/context.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { account } from "./account.contract.ts";
import * as accounts from "./account.repository.ts";
import type { AccountTables, PlanRow, SubscriptionRow, Tx } from "./account.tables.ts";
import { cancelled } from "./account.transition.ts";
import * as plans from "./plan.repository.ts";
import { entitles } from "./subscription.model.ts";
import { toSubscription } from "./subscription.projection.ts";
import * as subscriptions from "./subscription.repository.ts";

export type Host = Service & {
  readonly db: Database<AccountTables>;
  readonly outbox: Outbox;
  readonly idempotency: Idempotency;
};

/** What others learn of a change: the subscription's state, and whether there is something new to watch by. */
export function told(
  { outbox, cause }: { readonly outbox: Outbox; readonly cause: Cause },
  before: SubscriptionRow | null,
  after: SubscriptionRow,
  plan: string,
): readonly Write[] {
  const { id, user_id, status } = after;
  const subject = `subscription:${id}`;
  const data = { userId: user_id, subscriptionId: id, status, plan };
  const entitled = entitles(status);
  const isChanged = (before !== null && entitles(before.status)) !== entitled || before?.plan_id !== after.plan_id;
  return [
    outbox.event(cause, "account.subscription_changed", subject, data),
    ...(isChanged ? [outbox.event(cause, "account.entitlement_changed", subject, { userId: user_id, entitled })] : []),
  ];
}

/** A subscription that begins with a trial. */
const trialing = (user: string, plan: PlanRow, now: number, payment_method: string): SubscriptionRow => {
  const end = now + plan.trial_days * DAY;
  return {
    id: newId(),
    user_id: user,
    plan_id: plan.id,
    status: "trialing",
    currency: plan.currency,
    amount: plan.amount,
    tax_rate: plan.tax_rate,
    interval: plan.interval,
    anchor: end,
    period_start: now,
    period_end: end,
    trial_end: end,
    cancel_at_period_end: 0,
    paused_left: null,
    due_at: end,
    paying: null,
    failures: 0,
    payment_method,
    reason: null,
    ended_at: null,
    created_at: timestamp(now),
    version: 1,
  };
};

async function begin(this: Host, ctx: Ctx<Input<"account.subscribe">>, tx: Tx): Promise<Output<"account.subscribe">> {
  const { planId, paymentMethod } = ctx.params;
  const user = userId(ctx);
  accounts.lock(tx, user);
  const plan = await plans.find(tx, planId);
  if (!plan || plan.archived_at !== null) throw account.error("PLAN_NOT_FOUND");
  const last = await subscriptions.find(tx, user);
  if (last && last.row.status !== "cancelled") throw account.error("ALREADY_SUBSCRIBED");
  const { hadTrial, now } = await accounts.find(tx, user);
  if (hadTrial || plan.trial_days === 0) throw account.error("NOT_POSSIBLE");
  const row = trialing(user, plan, now, paymentMethod);
  tx.add(subscriptions.insert(row, () => account.error("ALREADY_SUBSCRIBED")));
  tx.add(accounts.beginTrial(user), ...told({ outbox: this.outbox, cause: ctx }, null, row, plan.code));
  return toSubscription(row, plan);
}

export function subscribe(this: Host, ctx: Ctx<Input<"account.subscribe">>): Promise<Output<"account.subscribe">> {
  return this.idempotency.once(ctx, (tx) => begin.call(this, ctx, tx));
}

export function cancel(this: Host, ctx: Ctx<Input<"account.cancel">>): Promise<Output<"account.cancel">> {
  const end = async (tx: Tx) => {
    const user = userId(ctx);
    accounts.lock(tx, user);
    const found = await subscriptions.find(tx, user);
    if (!found) throw account.error("NOT_FOUND");
    const { row, plan } = found;
    if (row.status === "cancelled") return toSubscription(row, plan);
    const { now } = await accounts.find(tx, user);
    const next = cancelled(row, "customer", now);
    tx.add(subscriptions.replace(row, next), ...told({ outbox: this.outbox, cause: ctx }, row, next, plan.code));
    return toSubscription({ ...next, version: row.version + 1 }, plan);
  };
  return subscriptions.unlessOvertaken(() => this.db.write(end));
}
