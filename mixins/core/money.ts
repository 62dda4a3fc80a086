/** Money in integers of minor units; never a float. */
import type { Money } from "./schema.ts";

/** Digits after the point (ISO 4217). */
const exponents: Record<Money["currency"], number> = { KRW: 0, JPY: 0, USD: 2, EUR: 2, KWD: 3 };

/** Making one costs more than a mail's whole text. */
const formats = new Map<string, Intl.NumberFormat>();

const wholeNumber = new Intl.NumberFormat("ko-KR");

function formatOf(locale: string, currency: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(locale, { style: "currency", currency });
  formats.set(key, format);
  return format;
}

/** As a customer reads it: `₩39,000`, `$12.50`; Koreans write `39,000원`. */
export function formatMoney({ amount, currency }: Money, language: "en" | "ko"): string {
  if (language === "ko" && currency === "KRW") return `${wholeNumber.format(amount)}원`;
  // Exact for every amount the contract allows: a double holds 15 digits.
  return formatOf(language === "ko" ? "ko-KR" : "en-US", currency).format(amount / 10 ** exponents[currency]);
}

/** The tax within a price that includes it; `rate` in basis points, rounded half up. */
export function includedTax(amount: number, rate: number): number {
  // BigInt: the product passes what a double holds exactly.
  const whole = BigInt(10_000 + rate);
  return Number((BigInt(amount) * BigInt(rate) * 2n + whole) / (whole * 2n));
}

/**
 * Spreads `total` over `weights` so that the parts add up to it exactly (largest remainder method).
 * @throws RangeError when there is nothing to spread it over
 */
export function spread(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum <= 0) throw new RangeError("The weights must add up to more than 0.");
  // BigInt: total times weight passes what a double holds exactly.
  const shares = weights.map((weight) => BigInt(total) * BigInt(weight));
  const parts = shares.map((share) => Number(share / BigInt(sum)));
  const missing = total - parts.reduce((a, b) => a + b, 0);
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: share % BigInt(sum) }))
    .toSorted((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1));
  for (const { index } of byRemainder.slice(0, missing)) parts[index]! += 1;
  return parts;
}
