/** What units of an order are worth, so that whatever is given back of it, in whatever order, adds up to its total. */
import { spread } from "#core/money.ts";
import { isFilm, type Line } from "./fulfilment.model.ts";

export type RefundReason = "items_cancelled" | "shipment_lost" | "items_returned";

export interface Priced {
  readonly line_total: number;
  /** Of coupons. */
  readonly discount?: number | null;
  readonly tax: number;
  readonly tax_included: number | null;
  readonly title?: unknown;
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

/**
 * What of the total was paid for each line, in minor units: its price, the tax that was added to it, and its share of all
 * else, which is shipping and its tax, or with a minus a discount of the whole order (largest remainder). Films are not sent, so
 * they have no share of the shipping.
 */
export function sharesOf(lines: readonly Priced[], total: number): number[] {
  const own = lines.map((line) => line.line_total - (line.discount ?? 0) + (line.tax_included === 0 ? line.tax : 0));
  const rest = total - sum(own);
  if (rest < 0) return spread(total, own);
  const shares = spread(rest, sharing(lines, own));
  return own.map((amount, index) => amount + shares[index]!);
}

/** By what lines share the shipping: those that cost nothing share it alike when no other is sent. */
export function sharing(lines: readonly { readonly title?: unknown }[], own: readonly number[]): number[] {
  const sent = lines.map((line) => !isFilm(line) || lines.every(isFilm));
  const weights = own.map((amount, at) => (sent[at] ? amount : 0));
  return sum(weights) > 0 ? weights : sent.map((one) => (one ? 1 : 0));
}

/** What the first units of a line are worth. Rounded down, so that the last unit has what is left. */
const worth = (share: number, units: number, quantity: number): number =>
  // The product is too large for a double, hence BigInt.
  Number((BigInt(share) * BigInt(units)) / BigInt(quantity));

/** What an order costs, and what of it is paid with money: null without points. In minor units. */
export interface Price {
  readonly total: number;
  readonly payable: number | null;
}

/** The part of some of the total that was paid with money. Points paid the rest. */
const moneyIn = (some: number, { total, payable }: Price): number =>
  // The product is too large for a double, hence BigInt.
  payable === null || total === 0 ? some : Number((BigInt(some) * BigInt(payable)) / BigInt(total));

/** What units of the lines are worth, in money and in points. */
function worthOf(lines: readonly Line[], units: (line: Line) => number, shares: readonly number[], price: Price) {
  const all = sum(lines.map((line, at) => worth(shares[at]!, units(line), line.quantity)));
  const amount = moneyIn(all, price);
  return { amount, points: all - amount };
}

function between(
  before: readonly (Line & Priced)[],
  after: readonly Line[],
  price: Price,
  units: (line: Line) => number,
) {
  const shares = sharesOf(before, price.total);
  const [first, then] = [before, after].map((lines) => worthOf(lines, units, shares, price)) as [Worth, Worth];
  return { amount: then.amount - first.amount, points: then.points - first.points };
}
type Worth = ReturnType<typeof worthOf>;

const givenUp = ({ cancelled, lost, returned }: Line): number => cancelled + lost + returned;
const sent = ({ shipped }: Line): number => shipped;
/** Films earn no points, as those that are bought without an order. */
const kept = (line: Line): number => (isFilm(line) ? 0 : line.delivered - line.returned);

/**
 * What is owed for the units that were given up between two states of an order's lines: money in minor units, and points, in
 * the proportion in which they paid for the order. It depends on the two states alone, so all that is ever given back adds
 * up, whatever was given up together.
 */
export const owedBetween = (before: readonly (Line & Priced)[], after: readonly Line[], price: Price): Worth =>
  between(before, after, price, givenUp);

/** The money that was paid for units that have arrived and are kept. When all has come back, nothing is left. */
export const keptBetween = (before: readonly (Line & Priced)[], after: readonly Line[], price: Price): number =>
  between(before, after, price, kept).amount;

/** The money that was paid for units that were sent. */
export const sentBetween = (before: readonly (Line & Priced)[], after: readonly Line[], price: Price): number =>
  between(before, after, price, sent).amount;
