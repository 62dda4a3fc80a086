/** The coupons and points of an order: how a customer asks for them, and what they came to. */
import Type, { type Static } from "typebox";
import { Id, MAX_AMOUNT, Money, Text } from "#core/schema.ts";

/** In quotes and orders. */
export const benefits = {
  coupons: Type.Optional(
    Type.Array(Type.String({ ...Text(40), examples: ["WELCOME 10"] }), {
      maxItems: 5,
      description: "Codes of coupons. Case, accents and blanks do not matter",
    }),
  ),
  points: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_AMOUNT,
      description:
        "The most points to pay with; never more than the total. A quote tells how many can be used. An order without a quote is refused when there are fewer",
    }),
  ),
};

export const AppliedCoupon = Type.Object(
  {
    id: Id,
    code: Type.String({ examples: ["WELCOME 10"] }),
    kind: Type.Enum(["percent", "amount", "free_shipping"], { title: "CouponKind" }),
    /** What it took off the prices, or off the fee of shipping. */
    amount: Money,
    /** Of its terms. */
    version: Type.Integer(),
  },
  { title: "AppliedCoupon" },
);
export type AppliedCoupon = Static<typeof AppliedCoupon>;

/** A coupon that is not good for a basket. */
export interface RefusedCoupon {
  readonly code: string;
  readonly reason:
    | "unknown"
    | "not_yet"
    | "ended"
    | "used_up"
    | "used_by_you"
    | "changed"
    | "currency"
    | "minimum"
    | "products"
    | "not_stackable"
    | "no_effect";
}
