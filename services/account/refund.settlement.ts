/** What a refund of an invoice does: a credit note, and a film that was paid for goes back. */
import { now } from "#core/clock.ts";
import type { EventData } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import * as accounts from "./account.repository.ts";
import type { Host } from "./account.saga.ts";
import type { InvoiceRow, Tx } from "./account.tables.ts";
import { isTestNumber, type Line, lineOf } from "./invoice.model.ts";
import * as invoices from "./invoice.repository.ts";
import { creditNote } from "./invoice.settlement.ts";
import * as titles from "./title.repository.ts";

type Refunded = Envelope<EventData<"payment.refunded">>;

export async function refunded(this: Host, event: Refunded, tx: Tx): Promise<void> {
  const { orderId: attempt, purpose, userId, refundId, amount } = event.data;
  if (purpose !== "invoice") return;
  accounts.lock(tx, userId);
  const invoice = await invoices.ofAttempt(tx, attempt);
  // A payment that was given up, and is returned, has paid no invoice.
  if (invoice?.status !== "paid") return;
  const { id: corrects, number, currency, subscription_id } = invoice;
  const found = await accounts.find(tx, userId);
  // The note belongs to the books of the invoice, whatever clock the account has by now.
  const own = isTestNumber(number) ? found : { ...found, now: now(), clock: null };
  const text = { en: `Refund of ${number}`, ko: `${number} 환불` };
  const lines = [lineOf({ text, amount: -amount.amount, taxRate: rateOf(invoice) })];
  const bill = { account: own, userId, purpose: "refund", lines, currency } as const;
  await creditNote(this, tx, bill, { corrects, refund_id: refundId, subscription_id });
  tx.add(invoices.refund(corrects, amount.amount));
  if (invoice.refunded + amount.amount !== invoice.due) return;
  const taken = await titles.returned(tx, this.outbox, event, corrects);
  // The credit that paid a part of a film goes back with it.
  if (taken.length > 0) tx.add(...taken, invoices.giveBackCredit(corrects));
}

/** The tax rate of what was charged. */
const rateOf = ({ lines }: InvoiceRow): number => (JSON.parse(lines) as Line[]).at(-1)!.taxRate;
