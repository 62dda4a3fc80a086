/** Coupons: what staff offer, for what, for how long, and how often. What one is worth, an order's quote tells. */
import Type, { type Static } from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Id, Money, Page, paging, Strict, Text, Timestamp } from "#core/schema.ts";
import { IfMatch, Version } from "./address.contract.ts";

/** The most coupons of one order. */
export const MOST_COUPONS = 5;

export const CouponCode = Type.String({
  ...Text(40),
  description: "Case, accents and blanks do not matter",
  examples: ["WELCOME 10"],
});

const Kind = Type.Enum(["percent", "amount", "free_shipping"], { title: "CouponKind" });
const Percent = Type.Integer({ minimum: 1, maximum: 10_000, description: "Basis points of the prices: 1500 is 15 %" });
const Amounts = Type.Array(Money, { maxItems: 5, description: "At most one for each currency" });
const Ids = (of: string) => Type.Array(Id, { maxItems: 100, uniqueItems: true, description: `${of}; empty: any` });
const Most = Type.Integer({ minimum: 1, maximum: 1_000_000_000 });

const terms = {
  amounts: Type.Optional(Amounts),
  minimums: Type.Optional(
    Type.Array(Money, {
      maxItems: 5,
      description: "Of the prices of an order, by currency; a currency without one has none",
    }),
  ),
  productIds: Type.Optional(Ids("Only for these products")),
  categoryIds: Type.Optional(Ids("Only for products of these categories and of their subcategories")),
  stackable: Type.Optional(Type.Boolean({ description: "Together with other coupons that are stackable too" })),
};
const bounds = { from: Timestamp, until: Timestamp, most: Most, mostPerPerson: Most };

const NewCoupon = Strict({
  code: CouponCode,
  kind: Kind,
  percent: Type.Optional(Percent),
  ...terms,
  ...Type.Partial(Type.Object(bounds)).properties,
  budget: Type.Optional(
    Type.Object(Money.properties, {
      additionalProperties: false,
      description: "What it may take off all orders together. It is good for orders in this currency alone",
    }),
  ),
});
export type NewCoupon = Static<typeof NewCoupon>;

const orNone = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Optional(Type.Union([type, Type.Null()]));

const CouponChanges = Strict({
  ...IfMatch,
  id: Id,
  percent: Type.Optional(Percent),
  ...terms,
  from: orNone(Timestamp),
  until: orNone(Timestamp),
  most: orNone(Most),
  mostPerPerson: orNone(Most),
  budget: Type.Optional(Money),
  disabled: Type.Optional(Type.Boolean({ description: "true: nobody can use it any more, until it is false again" })),
});
export type CouponChanges = Omit<Static<typeof CouponChanges>, "id" | "version">;

const Coupon = Type.Object(
  {
    id: Id,
    code: Type.String(),
    kind: Kind,
    percent: Type.Optional(Percent),
    ...Type.Required(Type.Object(terms)).properties,
    ...Type.Partial(Type.Object(bounds)).properties,
    budget: Type.Optional(Money),
    disabled: Type.Boolean(),
    held: Type.Integer({ description: "Uses by orders that are not paid yet" }),
    redeemed: Type.Integer({ description: "Uses by orders that are" }),
    spent: Type.Optional(Money),
    createdAt: Timestamp,
    version: Version,
  },
  { title: "Coupon" },
);
export type Coupon = Static<typeof Coupon>;

const actions = {
  listCoupons: action({
    summary: "All coupons, newest first",
    rest: "GET /coupons",
    auth: "staff",
    input: Strict({ ...paging, code: Type.Optional(CouponCode) }),
    output: Page(Coupon),
  }),
  getCoupon: action({
    summary: "A coupon, and how often it was used",
    rest: "GET /coupons/:id",
    auth: "staff",
    concurrency: "read",
    input: ById,
    output: Coupon,
    errors: ["NOT_FOUND"],
  }),
  addCoupon: action({
    summary: "Offer a coupon",
    rest: "POST /coupons",
    status: 201,
    shownBy: "getCoupon",
    auth: "staff",
    input: NewCoupon,
    output: Coupon,
    errors: ["COUPON_CODE_TAKEN", "VALIDATION_FAILED"],
  }),
  editCoupon: action({
    summary: "Change the terms of a coupon, or disable it. What orders hold of it stays theirs",
    rest: "PATCH /coupons/:id",
    auth: "staff",
    concurrency: "write",
    input: CouponChanges,
    output: Coupon,
    errors: ["NOT_FOUND", "STALE_VERSION", "COUPON_IN_USE", "VALIDATION_FAILED"],
  }),
};

export const coupons = { name: "coupons", actions: () => actions } satisfies Block;
