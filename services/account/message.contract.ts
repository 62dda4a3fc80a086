/** Events that customers are written to about. They hold all that a message says, so that nobody has to be asked for it later. */
import Type from "typebox";
import { event } from "#core/contract.ts";
import { Id, Money, Timestamp } from "#core/schema.ts";

const invoice = { userId: Id, invoiceId: Id, number: Type.String() };
const subscription = { userId: Id, subscriptionId: Id };

export const messageEvents = {
  invoice_paid: event({
    version: 1,
    summary: "An invoice was paid, by the payment method, by credit, or by both",
    data: Type.Object({
      ...invoice,
      total: Money,
      tax: Money,
      due: Type.Object(Money.properties, { description: "Taken from the payment method" }),
    }),
  }),
  payment_failed: event({
    version: 1,
    summary: "An overdue invoice could not be paid, and is tried again",
    data: Type.Object({ ...invoice, amount: Money, nextAttemptAt: Timestamp }),
  }),
  invoice_refunded: event({
    version: 1,
    summary: "Money of an invoice was given back, with a credit note, whose number this is",
    data: Type.Object({ ...invoice, amount: Money }),
  }),
  trial_reminded: event({
    version: 1,
    summary: "A trial ends soon, and the first period will be charged then",
    data: Type.Object({ ...subscription, endsAt: Timestamp, price: Money }),
  }),
  subscription_ended: event({
    version: 1,
    summary: "A subscription has ended: by its person's wish, or because it was not paid",
    data: Type.Object({ ...subscription, reason: Type.String({ description: "As a code" }) }),
  }),
};
