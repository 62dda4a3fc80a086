/** The contract of the payment service: payments, refunds, saved methods, and webhooks of the provider. */
import Type, { type Static } from "typebox";
import { action, defineContract, event, job } from "#core/contract.ts";
import { ById, Id, Money, Page, paging, Raw, Strict, Text, Timestamp } from "#core/schema.ts";
import { audit } from "#mixins/audit/audit.contract.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { jobs } from "#mixins/jobs/jobs.contract.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";
import { captureActions } from "./capture.contract.ts";
import { chargeActions } from "./charge.contract.ts";
import { disputeActions } from "./dispute.contract.ts";
import { disputeStatuses } from "./dispute.model.ts";
import { methodActions } from "./method.contract.ts";
import { chargeStatuses, paymentStatuses, purposes } from "./payment.model.ts";
import { refundActions } from "./refund.contract.ts";
import { reports } from "./report.contract.ts";
import { errors } from "./error.contract.ts";

const Reason = Text(200);
/** A provider's token, or the id of a saved method. */
const Method = Text(200);
const Redirect = Type.Object({ type: Type.Literal("redirect"), url: Type.String() }, { title: "Redirect" });
const NextAction = Type.Union([Redirect, Type.Null()]);

/** The provider's contradiction to our books. */
const Difference = Type.Object(
  {
    fields: Type.Array(Type.String()),
    status: Type.Enum(chargeStatuses),
    authorized: Money,
    captured: Money,
    refunded: Money,
  },
  { title: "Difference" },
);

const Payment = Type.Object(
  {
    id: Id,
    orderId: Type.String({ ...Id, description: "Of the order, or of the invoice that `purpose` says it is" }),
    purpose: Type.Optional(Type.Enum(purposes, { description: "What is paid for. An order where it is absent" })),
    /** `needs_attention` while the provider's books and ours differ. */
    status: Type.Enum([...paymentStatuses, "needs_attention"]),
    amount: Money,
    captured: Money,
    refunded: Money,
    lost: Type.Optional(Type.Object(Money.properties, { description: "What left with disputes that were lost" })),
    provider: Type.String(),
    nextAction: NextAction,
    reason: Type.Union([Type.String(), Type.Null()]),
    difference: Type.Union([Difference, Type.Null()]),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "Payment" },
);
export type Payment = Static<typeof Payment>;

const happened = {
  paymentId: Id,
  orderId: Id,
  /** Absent for an order. */
  purpose: Type.Optional(Type.Enum(purposes)),
  userId: Id,
  amount: Money,
};
const Happened = Type.Object({ ...happened, reason: Type.Optional(Type.String()) });
/** Of the whole payment by then: who adds up by it needs no event to come before another. Older nodes do not tell it. */
const capturedSoFar = { captured: Type.Optional(Money) };
const Captured = Type.Object({
  ...Happened.properties,
  ...capturedSoFar,
  captureId: Type.Optional({ ...Id, description: "Of one that was asked for by its id" }),
});

/** Milliseconds: two questions to the provider, of two seconds each (PAYMENT_PROVIDER_TIMEOUT). */
const WITH_PROVIDER = 5000;

export const payment = defineContract("payment", {
  summary: "Payments, captures and refunds, reconciled with the provider",
  blocks: [audit, inbox, jobs, outbox, reports],
  subscribes: ["order.claimed", "order.guest_erased", "user.deleted"],
  jobs: {
    forgetWebhooks: job({
      summary: "Forget the ids of webhooks that no provider repeats any more",
      input: Strict({}),
      cron: "17 3 * * *",
    }),
    compareBooks: job({
      summary: "Compare the provider's list of yesterday with our books, and of days that were missed",
      input: Strict({}),
      output: Type.Object({ days: Type.Array(Type.String()) }),
      cron: "40 4 * * *",
      concurrency: 1,
    }),
  },
  errors,
  actions: {
    authorize: action({
      summary: "Authorize the amount of an order or an invoice on the customer's card",
      auth: "service",
      idempotent: true,
      timeout: WITH_PROVIDER,
      input: Strict({
        orderId: Id,
        purpose: Type.Optional(Type.Enum(purposes)),
        amount: Money,
        paymentMethod: Method,
        capture: Type.Optional(
          Type.Boolean({
            description:
              "True captures it with the authorization. False holds it for later captures, which some providers refuse. The default holds it wherever the provider can",
          }),
        ),
      }),
      output: Type.Object({
        paymentId: Id,
        status: Type.Enum(["requires_capture", "requires_action", "processing", "succeeded"]),
        nextAction: NextAction,
        captures: Type.Optional(
          Type.Enum(["several", "once"], { description: "How often the authorized amount can be captured in part" }),
        ),
      }),
      errors: [
        "DECLINED",
        "METHOD_INVALID",
        "METHOD_NOT_FOUND",
        "CANCELLED",
        "AUTHORIZATION_EXPIRED",
        "AMOUNT_MISMATCH",
        "CAPTURE_AT_ONCE",
        "MISMATCH",
      ],
    }),
    reverse: action({
      summary: "Cancel an order's payment, and refund what was captured",
      auth: "service",
      idempotent: true,
      timeout: WITH_PROVIDER,
      input: Strict({ orderId: Id, reason: Reason }),
      output: Type.Object({
        paymentId: Type.Union([Id, Type.Null()]),
        status: Type.Enum(["cancelled", "refunded", "none"]),
      }),
      errors: ["PROVIDER_UNAVAILABLE", "MISMATCH"],
    }),
    list: action({
      summary: "My payments, newest first",
      rest: "GET /payments",
      export: "payments",
      auth: "customer",
      input: Strict(paging),
      output: Page(Payment),
    }),
    get: action({
      summary: "One of my payments. Staff see all payments",
      rest: "GET /payments/:id",
      auth: "customer",
      seenByStaff: true,
      input: ById,
      output: Payment,
      errors: ["NOT_FOUND"],
    }),
    confirm: action({
      summary: "Continue a payment after 3-D Secure",
      rest: "POST /payments/:id/confirm",
      auth: "customer",
      idempotent: true,
      timeout: WITH_PROVIDER,
      input: ById,
      output: Payment,
      errors: ["NOT_FOUND", "DECLINED", "METHOD_NOT_FOUND", "CANCELLED", "PROVIDER_UNAVAILABLE", "MISMATCH"],
    }),
    receiveWebhook: action({
      summary: "Signed webhook of the payment provider",
      rest: "POST /payments/webhooks/:provider",
      keyless: "Webhooks carry an id of the provider, and each takes effect once.",
      auth: "public",
      raw: true,
      input: Strict({
        provider: Text(40),
        headers: Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 8192 }), { maxProperties: 200 }),
        body: Raw(262_144),
      }),
      output: Type.Object({ received: Type.Literal(true) }),
      errors: ["NOT_FOUND", "SIGNATURE_INVALID", "MALFORMED_JSON", "VALIDATION_FAILED"],
    }),
    ...captureActions,
    ...chargeActions,
    ...disputeActions,
    ...methodActions,
    ...refundActions,
  },
  events: {
    authorized: event({ version: 1, summary: "The amount was authorized", data: Happened }),
    decided: event({
      version: 1,
      summary: "The payment was authorized, declined or cancelled after its request had been answered",
      data: Happened,
    }),
    captured: event({ version: 1, summary: "The amount, or a part of it, was captured", data: Captured }),
    failed: event({ version: 1, summary: "The provider declined the payment", data: Happened }),
    cancelled: event({ version: 1, summary: "The payment was cancelled", data: Happened }),
    expired: event({
      version: 1,
      summary: "The bank gave up an authorization that was not captured in time",
      data: Happened,
    }),
    disputed: event({
      version: 1,
      summary: "A customer's bank wants a payment back, or has decided about that",
      data: Type.Object({
        ...happened,
        disputeId: Id,
        status: Type.Enum(disputeStatuses),
        reason: Type.Optional(Type.String()),
        dueAt: Type.Optional({ ...Timestamp, description: "Until when the provider takes evidence" }),
      }),
    }),
    mismatched: event({ version: 1, summary: "The provider's books differ from ours", data: Happened }),
    refunded: event({
      version: 1,
      summary: "An amount was refunded",
      data: Type.Object({
        ...happened,
        ...capturedSoFar,
        refundId: Id,
        reason: Type.String({
          description: "A code, such as order_cancelled; what staff wrote stands at the refund alone",
        }),
      }),
    }),
  },
});
declare module "#core/contract.ts" {
  interface Contracts {
    payment: typeof payment;
  }
}
