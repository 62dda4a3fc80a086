/** The rules of points in an order: each pays one minor unit of the currency for which they are. */
import type { Output } from "#core/contract.ts";
import type { Charges } from "./answer.contract.ts";
import { order } from "./order.contract.ts";

type Available = Output<"user.lookupBenefits">["points"];

/** Fewer points can be used than were asked for. */
export interface RefusedPoints {
  readonly reason: "too_few" | "currency";
  /** How many there are for this currency. */
  readonly balance: number;
}

interface Paid {
  readonly charges: Charges;
  readonly refusedPoints?: RefusedPoints;
}

/** What points pay of the charges: as many as were asked for, while there are some and something is left to pay. */
export function paidWith(charges: Charges, asked: number, available: Available): Paid {
  if (asked === 0) return { charges };
  const { amount, currency } = charges.total;
  const isFor = available?.currency === currency;
  const balance = isFor ? available.balance : 0;
  const wanted = Math.min(asked, amount);
  const points = Math.min(wanted, balance);
  const paid = { ...charges, points, payable: { amount: amount - points, currency } };
  return {
    charges: points > 0 ? paid : charges,
    ...(points < wanted && { refusedPoints: { reason: isFor ? "too_few" : "currency", balance } }),
  };
}

/** What is left to pay with money. */
export const payableOf = ({ total, payable = total }: Pick<Charges, "total" | "payable">) => payable;

/** @throws POINTS_REFUSED */
export function checkPoints({ refusedPoints }: Pick<Paid, "refusedPoints">): void {
  if (refusedPoints) throw order.error("POINTS_REFUSED", refusedPoints);
}
