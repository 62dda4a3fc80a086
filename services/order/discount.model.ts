/** The rules of discounts: which coupons are good for a basket, what each takes off, and how lines share it. */
import type { Output } from "#core/contract.ts";
import { spread } from "#core/money.ts";
import type { Money } from "#core/schema.ts";
import type { AppliedCoupon, RefusedCoupon } from "./benefit.contract.ts";
import { order } from "./order.contract.ts";

type Offered = Output<"user.lookupBenefits">["coupons"][number];
type Terms = NonNullable<Offered["terms"]>;

/** A line before any discount, in minor units. */
export interface Line {
  readonly productId: string;
  /** The category of the product, and those above it. */
  readonly categoryIds: readonly string[];
  readonly amount: number;
}

export interface Basket {
  readonly lines: readonly Line[];
  readonly currency: Money["currency"];
  /** The fee of shipping in minor units. */
  readonly fee: number;
}

export interface Discounts {
  /** By line, in minor units: no more than the line costs. */
  readonly lines: readonly number[];
  /** What is taken off the fee of shipping. */
  readonly shipping: number;
  readonly applied: readonly AppliedCoupon[];
  readonly refused: readonly RefusedCoupon[];
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);
const inCurrency = (amounts: readonly Money[], currency: string) =>
  amounts.find((money) => money.currency === currency)?.amount;

/** Percentages come before amounts, since an amount is the same whatever was taken off before; the fee comes last. */
const turn: Readonly<Record<Terms["kind"], number>> = { percent: 0, amount: 1, free_shipping: 2 };

/** Of a percentage, the customer's part of a minor unit is the shop's: the discount is never more than was promised. */
const percentOf = (amount: number, percent: number): number => Number((BigInt(amount) * BigInt(percent)) / 10_000n);

const isFor = ({ productIds, categoryIds }: Terms, line: Line): boolean =>
  (productIds.length === 0 && categoryIds.length === 0) ||
  productIds.includes(line.productId) ||
  line.categoryIds.some((id) => categoryIds.includes(id));

/** What coupons take off a basket. Several are taken together when all of them are stackable. */
export function discountsOf(offered: readonly Offered[], basket: Basket): Discounts {
  const left = basket.lines.map(({ amount }) => amount);
  let { fee } = basket;
  const applied: AppliedCoupon[] = [];
  const refused: RefusedCoupon[] = offered.flatMap(({ asked, refused: reason }) =>
    reason ? [{ code: asked, reason }] : [],
  );
  const good = offered.flatMap(({ terms }) => (terms ? [terms] : [])).toSorted((a, b) => turn[a.kind] - turn[b.kind]);
  const isAlone = good.length === 1;
  for (const terms of good) {
    const reason = isAlone || terms.stackable ? unfit(terms, basket) : "not_stackable";
    const meant = basket.lines.map((line, at) => (isFor(terms, line) ? left[at]! : 0));
    const amount = reason ? 0 : worthOf(terms, sum(meant), fee, basket.currency);
    const why = reason ?? (amount === 0 ? "no_effect" : isBeyond(terms, amount) ? "used_up" : undefined);
    if (why) {
      refused.push({ code: terms.code, reason: why });
      continue;
    }
    if (terms.kind === "free_shipping") fee -= amount;
    else for (const [at, part] of spread(amount, meant).entries()) left[at]! -= part;
    const { id, version, code, kind } = terms;
    applied.push({ id, version, code, kind, amount: { amount, currency: basket.currency } });
  }
  const lines = basket.lines.map(({ amount }, at) => amount - left[at]!);
  return { lines, shipping: basket.fee - fee, applied, refused };
}

function unfit(terms: Terms, { lines, currency }: Basket): RefusedCoupon["reason"] | undefined {
  const isElsewhere = terms.kind === "amount" && inCurrency(terms.amounts, currency) === undefined;
  if (isElsewhere || (terms.left && terms.left.currency !== currency)) return "currency";
  if (sum(lines.map(({ amount }) => amount)) < (inCurrency(terms.minimums, currency) ?? 0)) return "minimum";
  return lines.some((line) => isFor(terms, line)) ? undefined : "products";
}

/** @param meant what the lines that it is for cost now */
function worthOf(terms: Terms, meant: number, fee: number, currency: string): number {
  if (terms.kind === "free_shipping") return fee;
  if (terms.kind === "percent") return percentOf(meant, terms.percent ?? 0);
  return Math.min(inCurrency(terms.amounts, currency) ?? 0, meant);
}

const isBeyond = ({ left }: Terms, amount: number): boolean => left !== undefined && left.amount < amount;

/** @throws COUPON_REFUSED naming all that are not good, with the reason of each */
export function checkCoupons({ refused }: Pick<Discounts, "refused">): void {
  if (refused.length > 0) throw order.error("COUPON_REFUSED", { coupons: refused });
}
