/** The life of what an order holds, and what each move does to the counts of its coupons. */
import type { CouponTables } from "./coupon.model.ts";

export type HoldState = "held" | "redeemed" | "released" | "expired";

export interface HoldRow {
  order_id: string;
  /** Null for an order that was released before it held anything. */
  user_id: string | null;
  state: HoldState;
  points: number;
  request_hash: string | null;
  /** Milliseconds since the epoch; null when it is over. */
  expires_at: number | null;
}

export interface BenefitTables extends CouponTables {
  benefit_holds: HoldRow;
  coupon_holds: { order_id: string; coupon_id: string; amount: number; currency: string };
}

export type Move = "hold" | "redeem" | "release" | "expire" | "return";

/** How many uses become held and redeemed, for each coupon of an order. */
export const effects: Readonly<Record<Move, { readonly held: number; readonly redeemed: number }>> = {
  hold: { held: 1, redeemed: 0 },
  redeem: { held: -1, redeemed: 1 },
  release: { held: -1, redeemed: 0 },
  expire: { held: -1, redeemed: 0 },
  return: { held: 0, redeemed: -1 },
};

/** How a release gives back what is in this state; undefined where nothing is left to give back. */
export const comingBack: Readonly<Record<HoldState, Move | undefined>> = {
  held: "release",
  redeemed: "return",
  released: undefined,
  expired: undefined,
};
