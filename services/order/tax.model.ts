/** The rules of tax: which rate applies, what it comes to, and how the tax of shipping follows the goods. */
import { includedTax, spread } from "#core/money.ts";
import type { Charges, OrderItem } from "./answer.contract.ts";
import type { AppliedCoupon } from "./benefit.contract.ts";
import { order } from "./order.contract.ts";
import { sharing } from "./refund.model.ts";

/** A rate in basis points, and whether prices include it. */
export interface Tax {
  readonly rate: number;
  readonly included: boolean;
}

/** One country's rate: for products whose own rate is `homeRate`, or for all others. */
export interface CountryRate extends Tax {
  readonly homeRate?: number | undefined;
}

/** @param homeRate the product's own, which its price includes where the country has no rates */
export function taxFor(rates: readonly CountryRate[], homeRate: number): Tax {
  const own = rates.find((rate) => rate.homeRate === homeRate);
  const { rate, included } = own ??
    rates.find((one) => one.homeRate === undefined) ?? { rate: homeRate, included: true };
  return { rate, included };
}

/** The tax on a net amount. The result is rounded half up. */
export function addedTax(amount: number, rate: number): number {
  // The product is too large for a double, hence BigInt.
  return Number((BigInt(amount) * BigInt(rate) * 2n + 10_000n) / 20_000n);
}

export const taxOn = (amount: number, { rate, included }: Tax): number =>
  included ? includedTax(amount, rate) : addedTax(amount, rate);

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

/** A line's tax; a line of the release before has the tax that its price includes, and no rate. */
const taxIn = ({ taxRate = 0, taxIncluded = true }: OrderItem): Tax => ({ rate: taxRate, included: taxIncluded });

/** What a line costs after its discount. */
const netOf = ({ lineTotal, discount }: OrderItem): number => lineTotal.amount - (discount?.amount ?? 0);

/**
 * What an order is charged, in minor units: the fee of shipping is taxed as the goods are, each of which carries its share
 * of it by its price (largest remainder), so that books and bread in one parcel are both taxed right. Films are in no parcel.
 * @param fee after coupons
 */
export function chargesOf(
  items: readonly OrderItem[],
  fee: number,
  rule?: string,
  coupons: readonly AppliedCoupon[] = [],
): Charges {
  const { currency } = items[0]!.lineTotal;
  const totals = items.map(netOf);
  const net = sum(totals);
  const subtotal = sum(items.map(({ lineTotal }) => lineTotal.amount));
  const shares = spread(fee, sharing(items, totals));
  const groups = Map.groupBy(items.keys(), (index) => {
    const { rate, included } = taxIn(items[index]!);
    return `${rate} ${included}`;
  });
  const taxes = [...groups.values()].map((indexes) => {
    const tax = taxIn(items[indexes[0]!]!);
    const share = sum(indexes.map((index) => shares[index]!));
    const amount = sum(indexes.map((index) => items[index]!.tax.amount)) + taxOn(share, tax);
    const base = sum(indexes.map((index) => totals[index]!)) + share;
    return { ...tax, base: { amount: base, currency }, tax: { amount, currency } };
  });
  const added = sum(taxes.map(({ included, tax }) => (included ? 0 : tax.amount)));
  const money = (amount: number) => ({ amount, currency });
  return {
    subtotal: money(subtotal),
    ...(net < subtotal && { discount: money(subtotal - net) }),
    shipping: money(fee),
    tax: money(sum(taxes.map(({ tax }) => tax.amount))),
    taxes,
    ...(rule !== undefined && { shippingRule: rule }),
    total: money(net + fee + added),
    ...(coupons.length > 0 && { coupons: [...coupons] }),
  };
}

/** @throws RATES_AMBIGUOUS when two rates of a country are for the same products */
export function checkRates(rates: readonly CountryRate[]): void {
  if (new Set(rates.map(({ homeRate }) => homeRate)).size < rates.length) throw order.error("RATES_AMBIGUOUS");
}
