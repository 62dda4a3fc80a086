/** What the documents of an order say of its taxes: whatever was captured and refunded in parts, they add up to the order. */
import { spread } from "#core/money.ts";
import type { Order } from "./answer.contract.ts";

/** Amounts are minor units. */
export interface Share {
  /** Basis points. */
  readonly rate: number;
  readonly included: boolean;
  /** What was paid at this rate, with its tax. */
  readonly gross: number;
  readonly tax: number;
}

export const documentKinds = ["invoice", "credit_note"] as const;
export type DocumentKind = (typeof documentKinds)[number];

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

/** The part of a figure that belongs to `part` of `whole`, rounded down: the parts of a whole add up to it. */
const partOf = (figure: number, part: number, whole: number): number =>
  // The product is too large for a double, hence BigInt.
  whole === 0 ? 0 : Number((BigInt(figure) * BigInt(part)) / BigInt(whole));

const sameRate = (one: Pick<Share, "rate" | "included">, other: Pick<Share, "rate" | "included">) =>
  one.rate === other.rate && one.included === other.included;

/** What the whole order costs by rate. One of the release before has no rates, only what tax its prices include. */
export function sharesOf({ taxes, total, tax }: Pick<Order, "taxes" | "total" | "tax">): Share[] {
  if (taxes.length === 0) return [{ rate: 0, included: true, gross: total.amount, tax: tax.amount }];
  return taxes.map(({ rate, included, base, tax: share }) => ({
    rate,
    included,
    gross: base.amount + (included ? 0 : share.amount),
    tax: share.amount,
  }));
}

/**
 * The order by rate, as far as money was paid for it: points that pay a part of it lower the price of everything alike.
 * @param payable what the provider is asked for in all
 */
export function payableShares(order: Pick<Order, "taxes" | "total" | "tax">, payable: number): Share[] {
  const shares = sharesOf(order);
  const total = sum(shares.map(({ gross }) => gross));
  if (payable >= total || total === 0) return shares;
  const parts = spread(
    payable,
    shares.map(({ gross }) => gross),
  );
  return shares.map((share, at) => ({ ...share, gross: parts[at]!, tax: partOf(share.tax, parts[at]!, share.gross) }));
}

/** What documents say together, for each of the order's rates. */
export const saidBy = (whole: readonly Share[], documents: readonly (readonly Share[])[]): number[] =>
  whole.map((share) => sum(documents.flat().map((one) => (sameRate(one, share) ? one.gross : 0))));

/**
 * The shares of the next document: its amount by rate, within what is left of each. The tax is the difference between two
 * states, so that all documents together have the tax of the order, to the minor unit.
 * @param from what documents of this kind have said before, by rate
 * @param to what they may say in all, by rate
 * @param wished the rates of the units that it is about, as far as they are known
 * @returns less than the amount where less is left
 */
export function nextShares(
  whole: readonly Share[],
  { from, to }: { readonly from: readonly number[]; readonly to: readonly number[] },
  amount: number,
  wished: readonly Pick<Share, "rate" | "included" | "gross">[] = [],
): Share[] {
  const left = whole.map((_, at) => Math.max(0, to[at]! - from[at]!));
  const within = Math.min(amount, sum(left));
  let free = within;
  const first = whole.map((share, at) => {
    const asked = sum(wished.map((one) => (sameRate(one, share) ? one.gross : 0)));
    const given = Math.min(asked, left[at]!, free);
    free -= given;
    return given;
  });
  const room = left.map((most, at) => most - first[at]!);
  const rest = free > 0 ? spread(free, room) : room.map(() => 0);
  return whole.flatMap((share, at) => {
    const gross = first[at]! + rest[at]!;
    if (gross === 0) return [];
    const before = from[at]!;
    const tax = partOf(share.tax, before + gross, share.gross) - partOf(share.tax, before, share.gross);
    return [{ rate: share.rate, included: share.included, gross, tax }];
  });
}

export const sumOf = (shares: readonly Share[]) => ({
  total: sum(shares.map(({ gross }) => gross)),
  tax: sum(shares.map(({ tax }) => tax)),
});

/** Invoices and credit notes are counted apart, each without gaps in its year. */
export const seriesOf = (kind: DocumentKind, issuedAt: string): string =>
  `${kind === "invoice" ? "INV" : "CN"}-${issuedAt.slice(0, 4)}`;

export const numberIn = (series: string, number: number): string => `${series}-${String(number).padStart(6, "0")}`;
