/** What the order service asks: which coupons are good for somebody, and to hold, redeem or release them for an order. */
import Type, { type Static } from "typebox";
import { action, type Block } from "#core/contract.ts";
import { Id, MAX_AMOUNT, Money, Strict } from "#core/schema.ts";
import { CouponCode, MOST_COUPONS } from "./coupon.contract.ts";

/** Why a coupon is not good for this person now. */
export const refusals = ["unknown", "not_yet", "ended", "used_up", "used_by_you", "changed"] as const;
export type Refusal = (typeof refusals)[number];

const Amounts = Type.Array(Money);
const Offered = Type.Object({
  /** As the customer wrote it. */
  asked: Type.String(),
  refused: Type.Optional(Type.Enum([...refusals])),
  terms: Type.Optional(
    Type.Object({
      id: Id,
      version: Type.Integer(),
      code: Type.String(),
      kind: Type.Enum(["percent", "amount", "free_shipping"]),
      percent: Type.Optional(Type.Integer()),
      amounts: Amounts,
      minimums: Amounts,
      productIds: Type.Array(Id),
      categoryIds: Type.Array(Id),
      stackable: Type.Boolean(),
      /** What is left of its budget. */
      left: Type.Optional(Money),
    }),
  ),
});
export type Offered = Static<typeof Offered>;

/** A point is worth one minor unit of this currency, and nothing in others. Nodes of the release before leave it out. */
const AvailablePoints = Type.Object({ balance: Type.Integer(), currency: Money.properties.currency });

const HeldCoupon = Strict({ id: Id, version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }), amount: Money });
export type HeldCoupon = Static<typeof HeldCoupon>;

const MaybePoints = Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_AMOUNT }));

const ByOrder = Strict({ orderId: Id });

const actions = {
  lookupBenefits: action({
    summary: "Which of these coupons are good for a person now, and their terms; and how many points there are",
    auth: "service",
    idempotent: true,
    input: Strict({ codes: Type.Array(CouponCode, { maxItems: MOST_COUPONS }) }),
    output: Type.Object({ coupons: Type.Array(Offered), points: Type.Optional(AvailablePoints) }),
  }),
  holdBenefits: action({
    summary: "Hold coupons and points for an order, all or none. A repeated call extends the time",
    auth: "service",
    idempotent: true,
    input: Strict({ orderId: Id, coupons: Type.Array(HeldCoupon, { maxItems: MOST_COUPONS }), points: MaybePoints }),
    output: Type.Object({ expiresAt: Type.Integer({ description: "Milliseconds since the epoch" }) }),
    errors: ["COUPON_REFUSED", "POINTS_TOO_FEW", "BENEFITS_RELEASED", "BENEFITS_MISMATCH"],
  }),
  redeemBenefits: action({
    summary: "Use up what an order holds, after it is paid",
    auth: "service",
    idempotent: true,
    input: ByOrder,
    output: Type.Object({ redeemed: Type.Literal(true) }),
    errors: ["COUPON_REFUSED", "POINTS_TOO_FEW", "NOT_FOUND", "BENEFITS_RELEASED"],
  }),
  releaseBenefits: action({
    summary: "Give back what an order holds, or has used up",
    auth: "service",
    idempotent: true,
    input: ByOrder,
    output: Type.Object({ released: Type.Literal(true) }),
  }),
  refundBenefits: action({
    summary: "Give back some of the points that an order has used up, once for each refund",
    auth: "service",
    idempotent: true,
    input: Strict({ orderId: Id, refundId: Id, points: Type.Integer({ minimum: 1, maximum: MAX_AMOUNT }) }),
    output: Type.Object({ refunded: Type.Literal(true) }),
    errors: ["NOT_FOUND"],
  }),
};

export const benefits = { name: "benefits", actions: () => actions } satisfies Block;
