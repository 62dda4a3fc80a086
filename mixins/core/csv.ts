/** Lines of CSV files (RFC 4180) that spreadsheets read, and nothing in them that a spreadsheet runs. */

/** Spreadsheets take the file for UTF-8 by it. */
export const BOM = "\ufeff";

/** Spreadsheets run what begins with these as formulas (OWASP, CSV Injection). */
export const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

/** A cell as a file has it. */
function cellOf(text: string): string {
  const guarded = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

export const lineOf = (texts: readonly string[]): string => `${texts.map(cellOf).join(",")}\r\n`;
