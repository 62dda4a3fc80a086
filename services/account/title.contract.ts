/** Films that a person bought, or rented for some hours: by themselves, or with an order of the shop. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Country, Id, Money, Page, paging, Strict, Timestamp } from "#core/schema.ts";
import { PaymentMethod } from "./subscription.contract.ts";

const Kind = Type.Enum(["buy", "rent"]);
const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Purchase = Type.Object(
  {
    id: Id,
    videoId: Id,
    kind: Kind,
    /** `pending` while it is paid; `returned` after its refund. */
    status: Type.Enum(["pending", "granted", "ended", "refused", "returned"]),
    invoiceId: { ...Id, description: "By which it is paid: its invoice, or the order that `orderId` names" },
    until: Type.Union([Timestamp, Type.Null()], { description: "When a rental ends" }),
    createdAt: Timestamp,
    orderId: Type.Optional({ ...Id, description: "Of the shop's order with which it came" }),
  },
  { title: "Purchase" },
);
export type Purchase = Static<typeof Purchase>;

/** Milliseconds: the offer, and the answer budget. */
const LONG = 10_000;
/** The most films of one order. */
const MOST = 20;
/** The longest rental, a year. */
const HOURS = 8784;

const wanted = { videoId: Id, kind: Kind };
const listOf = <T extends Type.TSchema>(one: T) => Type.Array(one, { minItems: 1, maxItems: MOST });

const Quoted = Type.Object({
  ...wanted,
  name: Type.String(),
  price: Money,
  /** Basis points, which the price includes. */
  taxRate: Type.Integer(),
  hours: maybe(Type.Integer({ description: "For which it is rented" })),
  until: maybe({ ...Timestamp, description: "When its rights end" }),
});

const Held = Strict({
  ...wanted,
  hours: maybe(Type.Integer({ minimum: 1, maximum: HOURS })),
  until: maybe(Timestamp),
});
const ofOrder = { orderId: Id, userId: Id };
const done = Type.Object({ done: Type.Literal(true) });

/** What the order service asks. An order holds films as it holds stock; all of it is found by the order's id. */
const orderActions = {
  quoteTitles: action({
    summary: "What films cost somebody who orders them, and that they may have them",
    auth: "service",
    idempotent: true,
    input: Strict({ userId: Id, region: maybe(Country), titles: listOf(Strict(wanted)) }),
    output: Type.Object({ items: Type.Array(Quoted) }),
    errors: ["NOT_OFFERED", "NOT_AVAILABLE", "ALREADY_OWNED"],
  }),
  holdTitles: action({
    summary: "Hold films for an order, all or none, so that nobody pays for one twice",
    auth: "service",
    idempotent: true,
    input: Strict({ ...ofOrder, titles: listOf(Held) }),
    output: done,
    errors: ["NOT_AVAILABLE", "ALREADY_OWNED", "TITLES_RELEASED"],
  }),
  grantTitles: action({
    summary: "Grant the films that are held for an order, which is paid. A repeated call grants nothing more",
    auth: "service",
    idempotent: true,
    input: Strict({ orderId: Id }),
    output: done,
  }),
  releaseTitles: action({
    summary: "Give up films that are held for an order, or take them back. A hold that comes later is refused",
    auth: "service",
    idempotent: true,
    input: Strict({ ...ofOrder, titles: listOf(Strict(wanted)) }),
    output: done,
  }),
};

const actions = {
  buy: action({
    summary: "Buy a film, or rent it",
    rest: "POST /purchases",
    status: 201,
    shownBy: "getPurchase",
    unfinished: { status: ["pending"] },
    auth: "customer",
    idempotent: true,
    timeout: LONG,
    input: Strict({ ...wanted, paymentMethod: PaymentMethod }),
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
  ...orderActions,
};

export const titles = { name: "titles", actions: () => actions } as const;
