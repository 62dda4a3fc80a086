/** What an invoice adds up to, and what a change of plan costs. All amounts are minor units. */
import { includedTax } from "#core/money.ts";
import type { Money } from "#core/schema.ts";

export const invoiceStatuses = ["open", "paid", "void", "uncollectible"] as const;
export const purposes = ["start", "renewal", "change", "buy", "rent", "refund"] as const;
export type Purpose = (typeof purposes)[number];

/** A line: what is paid for, for which time. An amount below 0 is given back. */
export interface Line {
  readonly text: { readonly en: string; readonly ko: string };
  readonly amount: number;
  /** Basis points of the tax that the amount includes, and the tax. */
  readonly taxRate: number;
  readonly tax: number;
  /** Milliseconds since the epoch; null for what has no period. */
  readonly from: number | null;
  readonly to: number | null;
}

type New = Omit<Line, "tax" | "from" | "to"> & Partial<Pick<Line, "from" | "to">>;

export const lineOf = ({ from = null, to = null, ...line }: New): Line => {
  const tax = includedTax(Math.abs(line.amount), line.taxRate);
  return { ...line, from, to, tax: line.amount < 0 ? -tax : tax };
};

/** What the lines add up to. It is below 0 when more is given back than charged. */
export const sumOf = (lines: readonly Line[]) => ({
  total: lines.reduce((sum, { amount }) => sum + amount, 0),
  tax: lines.reduce((sum, { tax }) => sum + tax, 0),
});

/**
 * How much of a period's price is not used up at a moment. What is used is rounded down, so the parts of a period that is
 * changed any number of times add up to whole prices, to the minor unit.
 */
export function unused(price: number, period: { readonly from: number; readonly to: number }, at: number): number {
  const length = BigInt(period.to - period.from);
  if (length <= 0n || at >= period.to) return 0;
  // The product is too large for a double, hence BigInt.
  return price - Number((BigInt(price) * BigInt(Math.max(at - period.from, 0))) / length);
}

export interface Priced {
  readonly name: Line["text"];
  readonly amount: number;
  readonly taxRate: number;
}

interface Change {
  readonly old: Priced;
  readonly new: Priced;
  /** The period that is under way, and the one that the new plan is paid for: the rest of it, or one that begins. */
  readonly period: { readonly from: number; readonly to: number };
  readonly next: { readonly from: number; readonly to: number };
  readonly at: number;
}

/** The lines of a change: the rest of the old plan is given back, and the new one is charged for its time. */
export function changeLines({ old, new: chosen, period, next, at }: Change): readonly Line[] {
  const isSame = next.to === period.to && next.from === period.from;
  const rest = { from: at, to: period.to };
  return [
    lineOf({
      text: { en: `${old.name.en}, unused time`, ko: `${old.name.ko} 미사용 기간` },
      amount: -unused(old.amount, period, at),
      taxRate: old.taxRate,
      ...rest,
    }),
    lineOf({
      text: isSame
        ? { en: `${chosen.name.en}, remaining time`, ko: `${chosen.name.ko} 남은 기간` }
        : { en: chosen.name.en, ko: chosen.name.ko },
      amount: isSame ? unused(chosen.amount, period, at) : chosen.amount,
      taxRate: chosen.taxRate,
      ...(isSame ? rest : next),
    }),
  ];
}

/** How much of the customer's credit an invoice takes. */
export const creditFor = (total: number, credit: number): number => Math.min(Math.max(total, 0), credit);

/** The series in which a document is numbered. Those of test clocks are no part of the shop's books. */
export const seriesOf = (issuedAt: number, isTest: boolean): string =>
  `${isTest ? "T" : ""}${new Date(issuedAt).getUTCFullYear()}`;

/** Whether a document's number is of a test clock's series. */
export const isTestNumber = (number: string): boolean => number.startsWith("T");

export const numberIn = (series: string, number: number): string => `${series}-${String(number).padStart(6, "0")}`;

/** Days from a failed payment of an overdue invoice to the next attempt: 3, 5 and 7 days after it was due. */
const GAPS = [3, 2, 2] as const;

/** Days until the next attempt after so many failures; null when there is none. */
export const daysUntilRetry = (failures: number): number | null => GAPS[failures - 1] ?? null;

export const money = (amount: number, currency: Money["currency"]): Money => ({ amount, currency });
