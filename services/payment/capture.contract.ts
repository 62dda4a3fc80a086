/** Captures: all of an authorized amount, or one part after the other as an order is shipped. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Id, Money, Page, paging, Strict, Timestamp } from "#core/schema.ts";
import { captureStatuses } from "./payment.model.ts";

const Capture = Type.Object(
  {
    id: Id,
    paymentId: Id,
    amount: Money,
    status: Type.Enum(captureStatuses),
    final: Type.Boolean({ description: "Whether the rest of the authorized amount was released" }),
    createdAt: Timestamp,
  },
  { title: "Capture" },
);
export type Capture = Static<typeof Capture>;

/** Milliseconds: two questions to the provider, of two seconds each (PAYMENT_PROVIDER_TIMEOUT). */
const WITH_PROVIDER = 5000;

export const captureActions = {
  capture: action({
    summary: "Capture the authorized amount of an order or an invoice, or a part of it",
    auth: "service",
    idempotent: true,
    timeout: WITH_PROVIDER,
    input: Strict({
      orderId: Id,
      captureId: Type.Optional({
        ...Id,
        description:
          "Names one of several captures, e.g. the id of a shipment. It is made once, however often it is asked for",
      }),
      amount: Type.Optional({
        ...Money,
        description: "The default is all that is left. 0 with `final` releases what is left after other captures",
      }),
      final: Type.Optional(
        Type.Boolean({ description: "Nothing more is captured after this: the rest is released to the customer" }),
      ),
    }),
    output: Type.Object({
      paymentId: Id,
      status: Type.Enum(["succeeded", "processing"]),
      captured: Type.Optional({ ...Money, description: "Of the whole payment" }),
      capturable: Type.Optional({ ...Money, description: "What can still be captured" }),
    }),
    errors: [
      "NOT_FOUND",
      "NOT_AUTHORIZED",
      "DECLINED",
      "CANCELLED",
      "AUTHORIZATION_EXPIRED",
      "CAPTURE_EXCEEDED",
      "CAPTURE_MISMATCH",
      "CAPTURE_ONCE",
      "CAPTURE_REFUSED",
      "CURRENCY_MISMATCH",
      "PROVIDER_UNAVAILABLE",
      "MISMATCH",
    ],
  }),
  listCaptures: action({
    summary: "The captures of a payment that is captured in parts, newest first",
    rest: "GET /payments/:id/captures",
    auth: "customer",
    seenByStaff: true,
    input: Strict({ id: Id, ...paging }),
    output: Page(Capture),
    errors: ["NOT_FOUND"],
  }),
};
