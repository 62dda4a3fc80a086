/** What a refund of an invoice does: a credit note, and a film that was paid for goes back. */
import { now } from "#core/clock.ts";
import type { EventData } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import type { JobRun } from "#core/job-run.ts";
import type { Cause } from "#mixins/outbox/outbox.mixin.ts";
import * as accounts from "./account.repository.ts";
import type { Host } from "./account.saga.ts";
import type { InvoiceRow, Tx } from "./account.tables.ts";
import { isTestNumber, type Line, lineOf } from "./invoice.model.ts";
import * as invoices from "./invoice.repository.ts";
import { creditNote } from "./invoice.settlement.ts";
import * as titles from "./title.repository.ts";

type Refunded = Envelope<EventData<"payment.refunded">>;
type Refund = Pick<Refunded["data"], "refundId" | "amount"> & { readonly attempt: string };

export async function refunded(this: Host, event: Refunded, tx: Tx): Promise<void> {
  const { orderId: attempt, purpose, refundId, amount } = event.data;
  if (purpose !== "invoice") return;
  const refund = { attempt, refundId, amount };
  // An event is tried again for seconds only, and a payment that somebody must look at may take days.
  if (!(await isNoted(this, event, tx, refund))) tx.add(this.jobs.add("noteRefund", refund));
}

/** @throws Error as long as the payment is under way, so that the job is tried again */
export async function noteRefund(this: Host, { ctx, input }: JobRun<Refund>): Promise<void> {
  const isDone = await this.db.write((tx) => isNoted(this, ctx, tx, input));
  if (!isDone) throw new Error(`The payment ${input.attempt} is still under way.`);
}

/** @returns false when the refund was told before the end of its payment, so that nobody knows yet what was paid by it */
async function isNoted(host: Host, cause: Cause, tx: Tx, refund: Refund): Promise<boolean> {
  const { attempt, refundId } = refund;
  const known = await invoices.ofAttempt(tx, attempt);
  if (!known) return true;
  accounts.lock(tx, known.user_id);
  const invoice = (await invoices.find(tx, known.id, null))!;
  if (invoice.status === "open") return !(await isUnderWay(host, tx, attempt));
  // A payment that was given up, and is returned, has paid no invoice.
  if (invoice.status === "paid" && !(await invoices.hasNote(tx, refundId)))
    await note(host, cause, tx, invoice, refund);
  return true;
}

/** A payment that is being given back pays nothing any more. */
async function isUnderWay({ saga }: Host, tx: Tx, attempt: string): Promise<boolean> {
  return (await saga.find(attempt, tx))?.direction === "forward";
}

async function note(
  host: Host,
  cause: Cause,
  tx: Tx,
  invoice: InvoiceRow,
  { refundId, amount }: Refund,
): Promise<void> {
  const { id: corrects, number, currency, subscription_id, user_id: userId } = invoice;
  const found = await accounts.find(tx, userId);
  // The note belongs to the books of the invoice, whatever clock the account has by now.
  const own = isTestNumber(number) ? found : { ...found, now: now(), clock: null };
  const text = { en: `Refund of ${number}`, ko: `${number} 환불` };
  const lines = [lineOf({ text, amount: -amount.amount, taxRate: rateOf(invoice) })];
  const bill = { account: own, userId, purpose: "refund", lines, currency } as const;
  const credit = await creditNote(host, tx, bill, { corrects, refund_id: refundId, subscription_id });
  const told = { userId, invoiceId: credit.id, number: credit.number, amount };
  tx.add(host.outbox.event(cause, "account.invoice_refunded", `invoice:${credit.id}`, told));
  tx.add(invoices.refund(corrects, amount.amount));
  if (invoice.refunded + amount.amount !== invoice.due) return;
  const taken = await titles.returned(tx, host.outbox, cause, corrects);
  // The credit that paid a part of a film goes back with it.
  if (taken.length > 0) tx.add(...taken, invoices.giveBackCredit(corrects));
}

/** The tax rate of what was charged. */
const rateOf = ({ lines }: InvoiceRow): number => (JSON.parse(lines) as Line[]).at(-1)!.taxRate;
