/** The saga of an invoice: how it is paid, and what its payment or its refusal does. */
import { now, timestamp } from "#core/clock.ts";
import type { Output } from "#core/contract.ts";
import { type Ending, type Run, type SagaDefinition, Waiting } from "#mixins/saga/saga.mixin.ts";
import { account } from "./account.contract.ts";
import type { Tx } from "./account.tables.ts";
import { type Effect, effectWrites, type Host, type PayInvoice } from "./invoice.settlement.ts";
import * as invoices from "./invoice.repository.ts";
import * as subscriptions from "./subscription.repository.ts";

export type { Host };
type PayRun = Run<PayInvoice>;

/** The invoice was given up by its customer, or with the account, so its payment is undone. */
export const GIVEN_UP = { code: "ACCOUNT_CANCELLED", message: "Cancelled." };

async function authorizePayment({ ctx, id, input }: PayRun) {
  const { amount, paymentMethod } = input;
  const payment = await ctx.call("payment.authorize", { orderId: id, purpose: "invoice", amount, paymentMethod });
  const isDecided = payment.status === "requires_capture" || payment.status === "succeeded";
  return isDecided ? payment : new Waiting(payment.status, payment);
}

/** @throws NOT_AVAILABLE when the payment took so long that the film cannot be watched any more; then it is given back */
async function capturePayment({ ctx, id, input }: PayRun) {
  const latest = input.paid.title?.latest ?? Infinity;
  if (now() > latest) throw account.error("NOT_AVAILABLE", { until: timestamp(latest) });
  const { status } = await ctx.call("payment.capture", { orderId: id });
  return status === "succeeded" ? null : new Waiting(status);
}

/** Prevents the payment, or returns the money, so that the next attempt cannot be a second charge. */
const returnPayment = ({ ctx, id }: PayRun) =>
  ctx.call("payment.reverse", { orderId: id, reason: "invoice_cancelled" });

export const payInvoice: SagaDefinition<PayInvoice, Host> = {
  version: 1,
  steps: [
    { name: "authorizePayment", do: authorizePayment, undo: returnPayment },
    { name: "capturePayment", do: capturePayment, undo: returnPayment, pivot: true },
  ],
  // A payment service that is away for an hour must not leave every renewal of that hour to a person.
  attempts: 1000,
  parks: ["PAYMENT_MISMATCH"],

  waiting(run) {
    const paymentId = paymentOf(run);
    return paymentId ? [invoices.setPayment(run.input.invoiceId, paymentId)] : [];
  },

  completed(run, tx) {
    return ended.call(this, run, tx, run.input.paid, null);
  },

  compensated(run, { code }, tx) {
    return ended.call(this, run, tx, run.input.failed, code);
  },

  parked({ id, input }, { code }) {
    const { invoiceId } = input;
    const afterCommit = () =>
      this.logger.error(`The payment ${id} of the invoice ${invoiceId} needs attention: ${code}.`);
    return [{ ...invoices.setReason(invoiceId, code), afterCommit }];
  },
};

/** @returns what ends the invoice: without its subscription when that was cancelled meanwhile, and waits for no payment any more */
async function ended(this: Host, run: PayRun, tx: Tx, planned: Effect, reason: string | null): Promise<Ending> {
  const { input, ctx, id } = run;
  const found = planned.subscription && (await subscriptions.byId(tx, planned.subscription.row.id));
  const isGivenUp = found !== undefined && found.row.paying !== id;
  const effect: Effect = isGivenUp ? { invoice: planned.invoice === "paid" ? "paid" : "void" } : planned;
  return { writes: effectWrites(this, ctx, { ...input, attempt: id, paymentId: paymentOf(run), reason }, effect) };
}

const paymentOf = ({ results }: PayRun): string | null =>
  (results["authorizePayment"] as Output<"payment.authorize"> | undefined)?.paymentId ?? null;
