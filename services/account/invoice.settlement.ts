/** Issues invoices and has them paid: by the customer's credit, and for what is left by a saga. */
import type { Service } from "moleculer";
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Ctx } from "#core/context.ts";
import type { EventData } from "#core/contract.ts";
import type { Money } from "#core/schema.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Write } from "#mixins/database/write.ts";
import { seller } from "#mixins/document/document.config.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Jobs } from "#mixins/jobs/jobs.mixin.ts";
import type { Numbering } from "#mixins/numbering/numbering.mixin.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import type { Saga } from "#mixins/saga/saga.mixin.ts";
import type { account } from "./account.contract.ts";
import type { Account } from "./account.repository.ts";
import { config } from "./account.config.ts";
import type { AccountTables, InvoiceRow, SubscriptionRow, Tx } from "./account.tables.ts";
import { creditFor, type Line, money, numberIn, type Purpose, seriesOf, sumOf } from "./invoice.model.ts";
import * as invoices from "./invoice.repository.ts";
import { type About, aboutInvoice, endOfPayment } from "./message.settlement.ts";
import { entitles } from "./subscription.model.ts";
import * as subscriptions from "./subscription.repository.ts";
import * as titles from "./title.repository.ts";

/** The next state of a subscription, with the event that tells other services. */
export interface SubscriptionEffect {
  readonly row: SubscriptionRow;
  readonly told: EventData<"account.subscription_changed">;
  /** Absent when nothing changes for who watches. */
  readonly entitled?: boolean;
}

/** What the payment of an invoice, or its failure, does. It is decided when the payment begins. */
export interface Effect {
  readonly invoice: "paid" | "open" | "void" | "uncollectible";
  readonly subscription?: SubscriptionEffect;
  readonly title?: Pick<titles.Decision, "id" | "videoId" | "status" | "hours"> & {
    /** Milliseconds since the epoch, by the real time: paid later, it could not be watched for as long as it was sold. */
    readonly latest?: number;
  };
}

/** The saga's input. Its id is that of the attempt: by it the payment service charges once. */
export interface PayInvoice {
  readonly invoiceId: string;
  readonly userId: string;
  readonly amount: Money;
  /** What the customer is told of; absent in the saga of a release before. */
  readonly about?: About;
  readonly paymentMethod: string;
  /** The account's test clock; null for the real time. */
  readonly clock: number | null;
  readonly paid: Effect;
  readonly failed: Effect;
}

export type Host = Service & {
  readonly db: Database<AccountTables>;
  readonly outbox: Outbox;
  readonly idempotency: Idempotency;
  readonly numbering: Numbering;
  readonly saga: Saga<PayInvoice>;
  readonly jobs: Jobs<(typeof account)["jobs"]>;
};
/** The subscription as a payment leaves it. */
export function effectOn(before: SubscriptionRow | null, row: SubscriptionRow, plan: string): SubscriptionEffect {
  const told = { userId: row.user_id, subscriptionId: row.id, status: row.status, plan };
  const entitled = entitles(row.status);
  const was = before !== null && entitles(before.status);
  const isChanged = was !== entitled || (entitled && before?.plan_id !== row.plan_id);
  return { row, told, ...(isChanged ? { entitled } : {}) };
}

/** The events of a change. */
export function events(outbox: Outbox, cause: Cause, { told, entitled }: SubscriptionEffect): readonly Write[] {
  const subject = `subscription:${told.subscriptionId}`;
  const { userId } = told;
  return [
    outbox.event(cause, "account.subscription_changed", subject, told),
    ...(entitled === undefined
      ? []
      : [outbox.event(cause, "account.entitlement_changed", subject, { userId, entitled })]),
  ];
}

/** A subscription of the real time is looked at when something is due; that of a test clock, when the clock is moved. */
export function schedule({ jobs }: Host, row: SubscriptionRow, clock: number | null): readonly Write[] {
  if (row.due_at === null || clock !== null) return [];
  const delay = Math.max(0, row.due_at - now());
  return [jobs.add("renew", { subscriptionId: row.id, at: timestamp(row.due_at) }, { userId: row.user_id, delay })];
}

type Paying = Pick<PayInvoice, "invoiceId" | "userId" | "clock" | "about"> & {
  readonly attempt: string;
  readonly paymentId: string | null;
  readonly reason: string | null;
};

/** All that the end of a payment changes. */
export function effectWrites(host: Host, cause: Ctx, paying: Paying, effect: Effect): readonly Write[] {
  const { invoiceId, userId, clock, about, attempt, paymentId, reason } = paying;
  const { subscription, title } = effect;
  const time = clock ?? now();
  return [
    invoices.end({ id: invoiceId, attempt, status: effect.invoice, payment_id: paymentId, reason, time }),
    ...(effect.invoice === "void" || effect.invoice === "uncollectible" ? [invoices.giveBackCredit(invoiceId)] : []),
    ...(subscription
      ? [
          subscriptions.afterPayment(subscription.row, attempt),
          ...events(host.outbox, cause, subscription),
          ...schedule(host, subscription.row, clock),
        ]
      : []),
    ...endOfPayment(host.outbox, cause, { userId, invoiceId, about }, effect),
    ...(title ? titles.decided(host.outbox, cause, { ...title, userId, time }) : []),
  ];
}

interface Bill {
  readonly account: Account;
  readonly userId: string;
  readonly purpose: Purpose;
  readonly lines: readonly Line[];
  readonly currency: InvoiceRow["currency"];
  readonly subscriptionId?: string;
  readonly period?: { readonly from: number; readonly to: number };
}

/** A new invoice in `tx`, with its number, after the customer's credit was taken off. Its total is not below 0. */
export async function issue(host: Host, tx: Tx, bill: Bill): Promise<InvoiceRow> {
  const { account, userId, purpose, lines, currency, period } = bill;
  const { total, tax } = sumOf(lines);
  const credited = creditFor(total, await invoices.creditOf(tx, userId, currency));
  if (credited > 0) tx.add(invoices.addCredit(userId, currency, -credited));
  const id = newId();
  const series = seriesOf(account.now, account.clock !== null);
  const row: InvoiceRow = {
    id,
    number: numberIn(series, await host.numbering.next(tx, series, id)),
    user_id: userId,
    kind: "invoice",
    purpose,
    status: "open",
    subscription_id: bill.subscriptionId ?? null,
    corrects: null,
    refund_id: null,
    currency,
    total,
    tax,
    credited,
    due: total - credited,
    refunded: 0,
    lines: JSON.stringify(lines),
    billing: account.billing,
    seller: seller(),
    period_start: period?.from ?? null,
    period_end: period?.to ?? null,
    attempt: id,
    payment_id: null,
    reason: null,
    issued_at: account.now,
    paid_at: null,
  };
  tx.add(invoices.insert(row));
  return row;
}

/** Gives money back as credit for what comes, with a credit note that says so. */
export async function creditNote(host: Host, tx: Tx, bill: Bill, of: Partial<InvoiceRow> = {}): Promise<InvoiceRow> {
  const { account, userId, purpose, lines, currency } = bill;
  const { total, tax } = sumOf(lines);
  const id = newId();
  const series = seriesOf(account.now, account.clock !== null);
  const row: InvoiceRow = {
    id,
    number: numberIn(series, await host.numbering.next(tx, series, id)),
    user_id: userId,
    kind: "credit_note",
    purpose,
    status: "paid",
    subscription_id: bill.subscriptionId ?? null,
    corrects: null,
    refund_id: null,
    currency,
    total: -total,
    tax: -tax,
    credited: 0,
    due: -total,
    refunded: 0,
    lines: JSON.stringify(lines),
    billing: account.billing,
    seller: seller(),
    period_start: null,
    period_end: null,
    attempt: null,
    payment_id: null,
    reason: null,
    issued_at: account.now,
    paid_at: account.now,
    ...of,
  };
  tx.add(invoices.insert(row));
  return row;
}

interface Payment {
  readonly invoice: InvoiceRow;
  /** By which the payment service knows this attempt. */
  readonly attempt: string;
  readonly paymentMethod: string;
  readonly clock: number | null;
  readonly paid: Effect;
  readonly failed: Effect;
}

/** Has an invoice paid: at once when nothing is due, else by a saga, which begins after the commit. */
export function pay(host: Host, ctx: Ctx, tx: Tx, payment: Payment): void {
  const { invoice, attempt, paymentMethod, clock, paid, failed } = payment;
  const { id: invoiceId, user_id: userId } = invoice;
  const about = aboutInvoice(invoice);
  if (invoice.due === 0) {
    const paying = { invoiceId, userId, clock, about, attempt, paymentId: null, reason: null };
    tx.add(...effectWrites(host, ctx, paying, paid));
    return;
  }
  const amount = money(invoice.due, invoice.currency);
  const input: PayInvoice = { invoiceId, userId, amount, about, paymentMethod, clock, paid, failed };
  if (attempt !== invoice.attempt) tx.add(invoices.setAttempt(invoiceId, attempt));
  tx.add(
    invoices.addAttempt(attempt, invoiceId, userId),
    host.saga.begin({ id: attempt, userId, correlationId: ctx.requestID, input, patience: config.ACCOUNT_PATIENCE }),
  );
}
