/** How the number of an order is written: `M-2026-004217` is said more easily than an id. */

/** Digits to which a number is filled up. */
const WIDTH = 6;

/** @param serial counts from 1 within its year */
export const numberOf = (prefix: string, year: number, serial: number): string =>
  `${prefix}-${year}-${String(serial).padStart(WIDTH, "0")}`;

/** The number that somebody means who said it or typed it: `m-2026-4217` is M-2026-004217. */
export function spelled(text: string): string {
  const [prefix = "", year, serial] = text.toUpperCase().split("-");
  return numberOf(prefix, Number(year), Number(serial));
}
