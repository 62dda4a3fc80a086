/** Films that a person bought, or rented for some hours. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Id, Page, paging, Strict, Timestamp } from "#core/schema.ts";
import { PaymentMethod } from "./subscription.contract.ts";

export const Purchase = Type.Object(
  {
    id: Id,
    videoId: Id,
    kind: Type.Enum(["buy", "rent"]),
    /** `pending` while it is paid; `returned` after its refund. */
    status: Type.Enum(["pending", "granted", "ended", "refused", "returned"]),
    invoiceId: Id,
    until: Type.Union([Timestamp, Type.Null()], { description: "When a rental ends" }),
    createdAt: Timestamp,
  },
  { title: "Purchase" },
);
export type Purchase = Static<typeof Purchase>;

/** Milliseconds: the offer, and the answer budget. */
const LONG = 10_000;

export const titleActions = {
  buy: action({
    summary: "Buy a film, or rent it",
    rest: "POST /purchases",
    status: 201,
    shownBy: "getPurchase",
    unfinished: { status: ["pending"] },
    auth: "customer",
    idempotent: true,
    timeout: LONG,
    input: Strict({ videoId: Id, kind: Type.Enum(["buy", "rent"]), paymentMethod: PaymentMethod }),
    output: Purchase,
    errors: ["NOT_OFFERED", "NOT_AVAILABLE", "ALREADY_OWNED", "PAYMENT_DECLINED", "PAYMENT_METHOD_INVALID"],
  }),
  listPurchases: action({
    summary: "Films that I bought or rented, newest first",
    rest: "GET /purchases",
    export: "purchases",
    auth: "customer",
    input: Strict(paging),
    output: Page(Purchase),
  }),
  getPurchase: action({
    summary: "A film that I bought or rented",
    rest: "GET /purchases/:id",
    auth: "customer",
    input: ById,
    output: Purchase,
    errors: ["NOT_FOUND"],
  }),
};
