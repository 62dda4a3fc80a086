/** What customers are told of their invoices and subscriptions, as events that the notification service makes messages of. */
import { DAY, now, timestamp } from "#core/clock.ts";
import type { JobRun } from "#core/job-run.ts";
import type { Money } from "#core/schema.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Jobs } from "#mixins/jobs/jobs.mixin.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import type { account } from "./account.contract.ts";
import type { Db, InvoiceRow, SubscriptionRow } from "./account.tables.ts";
import { money } from "./invoice.model.ts";
import * as subscriptions from "./subscription.repository.ts";

interface Host {
  readonly db: Db;
  readonly outbox: Outbox;
  readonly jobs: Jobs<(typeof account)["jobs"]>;
}

/** What a message says of an invoice. */
export interface About {
  readonly number: string;
  readonly total: Money;
  readonly tax: Money;
  readonly due: Money;
}

export const aboutInvoice = ({ number, total, tax, due, currency }: InvoiceRow): About => ({
  number,
  total: money(total, currency),
  tax: money(tax, currency),
  due: money(due, currency),
});

/** What the end of a payment does, as far as a message tells it. */
interface Ended {
  readonly invoice: InvoiceRow["status"];
  readonly subscription?: { readonly row: SubscriptionRow };
}

interface Billed {
  readonly userId: string;
  readonly invoiceId: string;
  /** Absent in the saga of a release before. */
  readonly about: About | undefined;
}

/** What the end of a payment is told as. A first payment that fails is told by the answer to its request. */
export function endOfPayment(outbox: Outbox, cause: Cause, billed: Billed, effect: Ended): readonly Write[] {
  const { userId, invoiceId, about } = billed;
  const row = effect.subscription?.row;
  if (effect.invoice === "uncollectible" && row) return [endOf(outbox, cause, row, row.reason!)];
  if (!about) return [];
  const invoice = { userId, invoiceId, number: about.number };
  const subject = `invoice:${invoiceId}`;
  if (effect.invoice === "paid") {
    const { total, tax, due } = about;
    return [outbox.event(cause, "account.invoice_paid", subject, { ...invoice, total, tax, due })];
  }
  if (effect.invoice !== "open" || !row?.due_at) return [];
  const failed = { ...invoice, amount: about.due, nextAttemptAt: timestamp(row.due_at) };
  return [outbox.event(cause, "account.payment_failed", subject, failed)];
}

export function endOf(outbox: Outbox, cause: Cause, { id, user_id }: SubscriptionRow, reason: string): Write {
  const ended = { userId: user_id, subscriptionId: id, reason };
  return outbox.event(cause, "account.subscription_ended", `subscription:${id}`, ended);
}

/** Milliseconds before the end of a trial at which its person is reminded. A shorter trial has no reminder. */
const EARLY = 3 * DAY;

/** A test clock runs weeks in seconds, so its person is not reminded. */
export function reminder(
  { jobs }: Pick<Host, "jobs">,
  { id, user_id, trial_end }: SubscriptionRow,
  clock: number | null,
): Write[] {
  const delay = trial_end! - EARLY - now();
  if (clock !== null || delay <= 0) return [];
  const input = { subscriptionId: id, trialEnd: timestamp(trial_end!) };
  return [jobs.add("remindTrial", input, { userId: user_id, delay })];
}

export async function remindTrial(this: Host, { ctx, input }: JobRun<{ subscriptionId: string; trialEnd: string }>) {
  const { subscriptionId, trialEnd: endsAt } = input;
  const found = await subscriptions.byId(this.db, subscriptionId);
  const goesOn = found?.row.status === "trialing" && found.row.cancel_at_period_end === 0;
  if (!goesOn || found.row.trial_end !== Date.parse(endsAt)) return { writes: [] };
  const { row, plan } = found;
  // A renewal takes the price that the plan has by then.
  const told = { userId: row.user_id, subscriptionId, endsAt, price: money(plan.amount, plan.currency) };
  return { writes: [this.outbox.event(ctx, "account.trial_reminded", `subscription:${subscriptionId}`, told)] };
}
