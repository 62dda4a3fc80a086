/** Money as integers of minor units, never as floats. */
import { MAX_AMOUNT, type Money } from "./schema.ts";
import type { Language } from "./text.ts";

/** Digits after the point (ISO 4217). */
const exponents: Record<Money["currency"], number> = { KRW: 0, JPY: 0, USD: 2, EUR: 2, KWD: 3 };

/** Formatters are kept, because making one costs more than rendering a whole e-mail. */
const formats = new Map<string, Intl.NumberFormat>();

const wholeNumber = new Intl.NumberFormat("ko-KR");

function formatOf(locale: string, currency: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(locale, { style: "currency", currency });
  formats.set(key, format);
  return format;
}

/** The form that a customer reads: `₩39,000` and `$12.50`; in Korean `39,000원`. */
export function formatMoney({ amount, currency }: Money, language: Language): string {
  if (language === "ko" && currency === "KRW") return `${wholeNumber.format(amount)}원`;
  // The division is exact for every amount that the contract allows, because a double holds 15 digits.
  return formatOf(language === "ko" ? "ko-KR" : "en-US", currency).format(amount / 10 ** exponents[currency]);
}

/** The amount as files have it: `12.50` for 1250 minor units of USD. */
export function decimalOf({ amount, currency }: Money): string {
  const digits = exponents[currency];
  const text = String(amount).padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Minor units; null for a text that is no amount of this currency. */
export function amountOf(text: string, currency: Money["currency"]): number | null {
  const [, whole, part = ""] = /^(\d{1,13})(?:\.(\d{1,3}))?$/.exec(text) ?? [];
  const digits = exponents[currency];
  if (whole === undefined || part.length > digits) return null;
  const amount = Number(whole + part.padEnd(digits, "0"));
  return amount <= MAX_AMOUNT ? amount : null;
}

/** The tax that a tax-inclusive price contains. `rate` is in basis points; the result is rounded half up. */
export function includedTax(amount: number, rate: number): number {
  // The product is too large for a double, hence BigInt.
  const whole = BigInt(10_000 + rate);
  return Number((BigInt(amount) * BigInt(rate) * 2n + whole) / (whole * 2n));
}

/**
 * Divides `total` in proportion to `weights`, so that the parts add up to it exactly (largest remainder method).
 * @throws RangeError when the weights add up to nothing
 */
export function spread(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum <= 0) throw new RangeError("The weights must add up to more than 0.");
  // The product is too large for a double, hence BigInt.
  const shares = weights.map((weight) => BigInt(total) * BigInt(weight));
  const parts = shares.map((share) => Number(share / BigInt(sum)));
  const missing = total - parts.reduce((a, b) => a + b, 0);
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: share % BigInt(sum) }))
    .toSorted((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1));
  for (const { index } of byRemainder.slice(0, missing)) parts[index]! += 1;
  return parts;
}
