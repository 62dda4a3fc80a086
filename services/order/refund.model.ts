/** What units of an order are worth, so that whatever is given back of it, in whatever order, adds up to its total. */
import { spread } from "#core/money.ts";
import type { Line } from "./fulfilment.model.ts";

export type RefundReason = "items_cancelled" | "shipment_lost" | "items_returned";

interface Priced {
  readonly line_total: number;
  /** Of coupons. */
  readonly discount?: number | null;
  readonly tax: number;
  readonly tax_included: number | null;
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

/**
 * What of the total was paid for each line, in minor units: its price, the tax that was added to it, and its share of all
 * else, which is shipping and its tax, or with a minus a discount of the whole order (largest remainder).
 */
export function sharesOf(lines: readonly Priced[], total: number): number[] {
  const own = lines.map((line) => line.line_total - (line.discount ?? 0) + (line.tax_included === 0 ? line.tax : 0));
  const rest = total - sum(own);
  if (sum(own) === 0)
    return spread(
      rest,
      own.map(() => 1),
    );
  if (rest < 0) return spread(total, own);
  const shares = spread(rest, own);
  return own.map((amount, index) => amount + shares[index]!);
}

/** What the first units of a line are worth. Rounded down, so that the last unit has what is left. */
const worth = (share: number, units: number, quantity: number): number =>
  // The product is too large for a double, hence BigInt.
  Number((BigInt(share) * BigInt(units)) / BigInt(quantity));

/**
 * What was paid for units that have arrived and are kept, between two states of an order's lines, in minor units. Like
 * `amountBetween` it depends on the two states alone: when all has come back, nothing is left.
 */
export function keptBetween(before: readonly (Line & Priced)[], after: readonly Line[], total: number): number {
  const shares = sharesOf(before, total);
  const kept = (lines: readonly Line[]) =>
    sum(lines.map((line, at) => worth(shares[at]!, line.delivered - line.returned, line.quantity)));
  return kept(after) - kept(before);
}

const givenUp = ({ cancelled, lost, returned }: Line): number => cancelled + lost + returned;

/**
 * What is owed for the units that were given up between two states of an order's lines, in minor units. It depends on
 * the two states alone, so all that is ever given back adds up, whatever was given up together.
 */
export function amountBetween(before: readonly (Line & Priced)[], after: readonly Line[], total: number): number {
  const shares = sharesOf(before, total);
  return sum(
    before.map((line, index) => {
      const units = (state: Line) => worth(shares[index]!, givenUp(state), line.quantity);
      return units(after[index]!) - units(line);
    }),
  );
}
