/** The payment service as others see it: payments, refunds, saved methods, webhooks of the provider. */
import Type, { type Static } from "typebox";
import { deadLetterActions } from "#mixins/inbox.mixin.ts";
import { replayActions } from "#mixins/outbox/replay.ts";
import { action, defineContract, event } from "#core/contract.ts";
import { invalid, paymentRefused, refused, unauthenticated, unavailable } from "#core/errors.ts";
import { ById, Id, Money, Page, paging, Raw, Strict, Text, Timestamp } from "#core/schema.ts";
import { methodActions } from "./method.contract.ts";
import { chargeStatuses, paymentStatuses, refundStatuses } from "./payment.model.ts";

const Reason = Text(200);
/** A provider's token, or the id of a saved method. */
const Method = Text(100);
const Redirect = Type.Object({ type: Type.Literal("redirect"), url: Type.String() }, { title: "Redirect" });
const NextAction = Type.Union([Redirect, Type.Null()]);

/** What the provider says against our books. */
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
    orderId: Id,
    /** `needs_attention` while the provider's books and ours differ. */
    status: Type.Enum([...paymentStatuses, "needs_attention"]),
    amount: Money,
    captured: Money,
    refunded: Money,
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

/** As the provider keeps it, for comparison with what we keep. */
const SandboxCharge = Type.Object(
  {
    id: Type.String(),
    reference: Type.String(),
    status: Type.Enum(chargeStatuses),
    authorized: Money,
    captured: Money,
    refunded: Money,
  },
  { title: "SandboxCharge" },
);

const Positive = Strict({
  amount: Type.Integer({ ...Money.properties.amount, minimum: 1 }),
  currency: Money.properties.currency,
});
const OfOrder = Strict({ orderId: Id });

const happened = { paymentId: Id, orderId: Id, userId: Id, amount: Money };
const Happened = Type.Object({ ...happened, reason: Type.Optional(Type.String()) });

/** Milliseconds: the provider is given two seconds for each of two questions (PAYMENT_PROVIDER_TIMEOUT). */
const WITH_PROVIDER = 5000;

export const payment = defineContract("payment", {
  summary: "Payments, captures and refunds, reconciled with the provider",
  errors: {
    DECLINED: paymentRefused("The payment was declined", "결제가 승인되지 않았습니다"),
    METHOD_INVALID: invalid(
      "Only tokens of the payment provider are taken",
      "결제사에서 발급한 토큰만 사용할 수 있습니다",
    ),
    METHOD_NOT_FOUND: invalid("This payment method is not known", "등록되지 않은 결제 수단입니다"),
    METHODS_FULL: refused("No more payment methods can be saved", "결제 수단을 더 등록할 수 없습니다"),
    CANCELLED: refused("The payment was cancelled", "취소된 결제입니다"),
    NOT_AUTHORIZED: refused("The payment is not authorized yet", "아직 승인되지 않은 결제입니다"),
    AMOUNT_MISMATCH: refused("The order has a payment of another amount", "주문의 결제 금액과 다릅니다"),
    REFUND_EXCEEDED: refused("No more than was captured can be refunded", "결제된 금액보다 많이 환불할 수 없습니다"),
    CURRENCY_MISMATCH: invalid("The payment has another currency", "결제 통화가 다릅니다"),
    MISMATCH: refused(
      "The payment provider's books differ from ours",
      "결제사의 결제 내역이 주문과 일치하지 않습니다",
      "We look into it. Do not pay again.",
      "확인하고 있으니 다시 결제하지 마세요.",
    ),
    PROVIDER_UNAVAILABLE: unavailable("The payment provider does not answer", "결제사가 응답하지 않습니다"),
    SIGNATURE_INVALID: unauthenticated("The signature is not valid", "서명이 유효하지 않습니다"),
  },
  actions: {
    ...deadLetterActions("payment"),
    ...replayActions("payment"),
    authorize: action({
      summary: "Hold the amount of an order on the customer's card",
      auth: "service",
      idempotent: true,
      timeout: WITH_PROVIDER,
      input: Strict({ orderId: Id, amount: Money, paymentMethod: Method }),
      output: Type.Object({
        paymentId: Id,
        status: Type.Enum(["requires_capture", "requires_action", "processing", "succeeded"]),
        nextAction: NextAction,
      }),
      errors: ["DECLINED", "METHOD_INVALID", "METHOD_NOT_FOUND", "CANCELLED", "AMOUNT_MISMATCH", "MISMATCH"],
    }),
    capture: action({
      summary: "Take what was authorized for an order",
      auth: "service",
      idempotent: true,
      timeout: WITH_PROVIDER,
      input: OfOrder,
      output: Type.Object({ paymentId: Id, status: Type.Enum(["succeeded", "processing"]) }),
      errors: ["NOT_FOUND", "NOT_AUTHORIZED", "DECLINED", "CANCELLED", "MISMATCH"],
    }),
    reverse: action({
      summary: "Give back whatever an order's payment holds or took, and take no more",
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
      summary: "One payment of mine; staff see every one",
      rest: "GET /payments/:id",
      auth: "customer",
      input: ById,
      output: Payment,
      errors: ["NOT_FOUND"],
    }),
    confirm: action({
      summary: "Go on with a payment after 3-D Secure",
      rest: "POST /payments/:id/confirm",
      auth: "customer",
      idempotent: true,
      timeout: WITH_PROVIDER,
      input: ById,
      output: Payment,
      errors: ["NOT_FOUND", "DECLINED", "METHOD_NOT_FOUND", "CANCELLED", "PROVIDER_UNAVAILABLE", "MISMATCH"],
    }),
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
    listRefunds: action({
      summary: "The refunds of a payment, newest first",
      rest: "GET /payments/:id/refunds",
      auth: "customer",
      input: Strict({ id: Id, ...paging }),
      output: Page(Refund),
      errors: ["NOT_FOUND"],
    }),
    receiveWebhook: action({
      summary: "News from the payment provider, signed by it",
      rest: "POST /payments/webhooks/:provider",
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
    listCharges: action({
      summary: "The sandbox provider's own ledger",
      rest: "GET /payments/sandbox/charges",
      auth: "admin",
      input: Strict({ ...paging, reference: Type.Optional(Id) }),
      output: Page(SandboxCharge),
      errors: ["NOT_FOUND"],
    }),
    ...methodActions,
  },
  events: {
    authorized: event({ version: 1, summary: "The amount is held", data: Happened }),
    captured: event({ version: 1, summary: "The amount was taken", data: Happened }),
    failed: event({ version: 1, summary: "The provider declined", data: Happened }),
    cancelled: event({ version: 1, summary: "The payment was given up", data: Happened }),
    mismatched: event({ version: 1, summary: "The provider's books differ from ours", data: Happened }),
    refunded: event({
      version: 1,
      summary: "An amount was given back",
      data: Type.Object({ ...happened, refundId: Id, reason: Type.String() }),
    }),
  },
});
declare module "#core/contract.ts" {
  interface Contracts {
    payment: typeof payment;
  }
}
