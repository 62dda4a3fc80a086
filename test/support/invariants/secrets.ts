/** What must never be written down: card numbers, security codes, tokens, passwords. */
import { holdsCardNumber } from "#core/card.ts";

/** Thirteen to nineteen digits as one number, or in groups as they stand on a card. */
const NUMBER = /(?<![\w.-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{5})(?![\w.-])/g;
/** Issuers of payment cards begin with these (ISO/IEC 7812); milliseconds since the epoch begin with 1 until 2033. */
const ISSUER = /^[2-6]/;

function isCard(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "");
  if (!ISSUER.test(digits)) return false;
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

const SECURITY_CODE = /["'\\\s](?:cvc|cvv|cvn)2?["'\\\s]*[:=]["'\\\s]*\d{3,4}\b/gi;
/** Two JSON objects in base64url: the head and the claims of any signed token (RFC 7519). */
const TOKEN = /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}/g;
/** A session, a generation and the seal that renews it. */
const REFRESH_TOKEN = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(?:\d+\.)?[\w-]{43}\b/g;
/** Lines of a mail whose text is encoded (RFC 2045). */
const BASE64_LINES = /^(?:[A-Za-z0-9+/]{76}\r?\n)+[A-Za-z0-9+/]+=*$/gm;

/** What stands between the parts of a mail: sixteen random hexadecimal digits, some of which look like a card number. */
const BOUNDARY = /--_NmP-[0-9a-f]{16}-Part_\d+/g;

const readable = (mail: string): string => {
  const text = mail.replaceAll(BOUNDARY, "");
  const decoded = (text.match(BASE64_LINES) ?? []).map((lines) => Buffer.from(lines, "base64").toString());
  return [text, text.replaceAll("=\r\n", ""), ...decoded].join("\n");
};

/** Cells of a table as one text, in which a cell of several lines stands as one line, too. */
export const asLines = (cells: readonly string[]): string =>
  cells.flatMap((cell) => (cell.includes("\n") ? [cell, cell.replaceAll("\n", " ")] : cell)).join("\n");

/**
 * Answers what a text gives away, without giving it away again.
 * @param secrets exact passwords and tokens that the test knows
 */
export function secretsIn(secrets: readonly string[]): (text: string, where: string) => string[] {
  return (text, where) => {
    const all = readable(text);
    const found = {
      "a card number":
        (all.match(NUMBER) ?? []).some(isCard) ||
        all
          .replaceAll(/\\[nrt]/g, " ")
          .split("\n")
          .some(holdsCardNumber),
      "a card's security code": all.search(SECURITY_CODE) >= 0,
      "a signed token": all.search(TOKEN) >= 0,
      "a refresh token": all.search(REFRESH_TOKEN) >= 0,
      "a password or token of the test": secrets.some((secret) => all.includes(secret)),
    };
    return Object.entries(found).flatMap(([what, there]) => (there ? [`${where} holds ${what}`] : []));
  };
}
