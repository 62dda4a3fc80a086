/** Refunds: of a payment in whole or in part. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Id, Money, Page, paging, Strict, Text, Timestamp } from "#core/schema.ts";
import { refundStatuses } from "./payment.model.ts";

const Reason = Text(200);

/** Milliseconds: two questions to the provider, of two seconds each (PAYMENT_PROVIDER_TIMEOUT). */
const WITH_PROVIDER = 5000;

const Refund = Type.Object(
  {
    id: Id,
    paymentId: Id,
    amount: Money,
    status: Type.Enum(refundStatuses),
    reason: Type.String(),
    createdAt: Timestamp,
  },
  { title: "Refund" },
);
export type Refund = Static<typeof Refund>;

const Positive = Strict({
  amount: Type.Integer({ ...Money.properties.amount, minimum: 1 }),
  currency: Money.properties.currency,
});

export const refundActions = {
  refund: action({
    summary: "Refund a payment in whole or in part",
    rest: "POST /payments/:id/refunds",
    auth: "staff",
    status: 201,
    idempotent: true,
    timeout: WITH_PROVIDER,
    input: Strict({ id: Id, amount: Positive, reason: Reason }),
    output: Refund,
    errors: ["NOT_FOUND", "REFUND_EXCEEDED", "CURRENCY_MISMATCH"],
  }),
  refundPart: action({
    summary: "Refund a part of an order's payment, or what is left of it when that is less",
    auth: "service",
    idempotent: true,
    timeout: WITH_PROVIDER,
    /** The refund has the id that the caller gives it, so that a repeated request is about the same one. */
    input: Strict({ orderId: Id, refundId: Id, amount: Positive, reason: Reason }),
    output: Type.Object({
      amount: Money,
      disputed: Type.Optional({ ...Money, description: "What of the rest the customer's bank has taken back already" }),
      status: Type.Enum(refundStatuses),
    }),
    errors: ["NOT_FOUND", "REFUND_EXCEEDED", "CURRENCY_MISMATCH"],
  }),
  listRefunds: action({
    summary: "The refunds of a payment, newest first",
    rest: "GET /payments/:id/refunds",
    auth: "customer",
    seenByStaff: true,
    input: Strict({ id: Id, ...paging }),
    output: Page(Refund),
    errors: ["NOT_FOUND"],
  }),
  listOwnRefunds: action({
    summary: "The refunds of all my payments, newest first",
    auth: "customer",
    export: "refunds",
    input: Strict(paging),
    output: Page(Refund),
  }),
};
