/**
 * Card numbers, which must get no further than the door: nothing that holds one is stored, told to others or logged.
 * A number is seen through its disguise: digits of any script, and whatever stands between them other than letters.
 */
import { type Group, type Row, someRow } from "./digits.ts";

const SHORTEST = 13;
const LONGEST = 19;
/** E.164: a number to call, after a plus sign. */
const LONGEST_CALL = 15;
/** A list of so many numbers that rise one after the other, such as sizes, is no card. */
const RISING = 6;

/** Two digits that issuers of payment cards begin with; times in milliseconds begin with 1, dates with 20, domestic calls with 0. */
const isIssuer = (prefix: number): boolean =>
  (prefix >= 22 && prefix <= 69 && prefix !== 28 && prefix !== 29) || prefix === 81 || prefix === 82 || prefix === 97;

/** The length must be its scheme's: numbers of 13 to 15 digits are mostly bar codes, parcels, telephones and bank accounts. */
function isOfScheme(prefix: number, length: number): boolean {
  if (length === 16) return true;
  if (prefix === 34 || prefix === 37) return length === 15;
  if (prefix === 30 || prefix === 36 || prefix === 38 || prefix === 39) return length === 14;
  if (prefix >= 40 && prefix < 50) return length === 19;
  return length >= 16 && (prefix === 35 || prefix === 50 || (prefix >= 56 && prefix < 70));
}

/** Written without a break also the old Visa of 13 digits, and Maestro, which has all lengths. */
const isUnbroken = (prefix: number, length: number): boolean =>
  isOfScheme(prefix, length) ||
  (length === SHORTEST && prefix >= 40 && prefix < 50) ||
  (length > SHORTEST && (prefix === 50 || prefix === 67 || (prefix >= 56 && prefix < 59)));

/** Sums of the digits before each place, as Luhn counts them (ISO/IEC 7812-1 annex B), for ends at even and at odd places. */
function luhnSums(digits: readonly number[]): readonly [Uint32Array, Uint32Array] {
  const sums = [new Uint32Array(digits.length + 1), new Uint32Array(digits.length + 1)] as const;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits[place]!;
    const double = digit > 4 ? digit * 2 - 9 : digit * 2;
    sums[0][place + 1] = sums[0][place]! + (place % 2 === 0 ? digit : double);
    sums[1][place + 1] = sums[1][place]! + (place % 2 === 1 ? digit : double);
  }
  return sums;
}

/** For each group the first one from which on all up to this one go on in the same way. */
function since(groups: readonly Group[], goesOn: (group: Group, before: Group) => boolean): Uint32Array {
  const first = new Uint32Array(groups.length);
  for (let index = 1; index < groups.length; index += 1)
    first[index] = goesOn(groups[index]!, groups[index - 1]!) ? first[index - 1]! : index;
  return first;
}

const sizeOf = ({ start, end }: Group): number => end - start;

/** What stands between the numbers of a list or a sum. */
const LISTING: ReadonlySet<number> = new Set(Array.from(",;+", (char) => char.codePointAt(0)!));

/** Which groups of a row, from one to another, can be the parts of one number. */
function partsOf({ groups }: Row): (from: number, to: number, length: number) => boolean {
  const even = since(groups, (group, before) => sizeOf(group) === sizeOf(before));
  const rising = since(groups, (group, before) => group.value > before.value);
  const alike = since(groups, (group, before) => group.gap === before.gap);
  const is = (index: number, size: number): boolean => sizeOf(groups[index]!) === size;
  return (from, to, length) => {
    if (to - from + 1 >= RISING && rising[to]! <= from) return false;
    const size = sizeOf(groups[from]!);
    const areAlike = alike[to]! <= from + 1;
    // Numbers of a list are several things, unless they are as short as parts of a card, or stand as in one large amount.
    if (areAlike && LISTING.has(groups[to]!.gap))
      return to - from > 2 && even[to]! <= from + 1 && (is(from + 1, 3) || (even[to]! <= from && size <= 4));
    // As cards have them, or with the same between all of them; others, such as two dates, are several things.
    if (even[to - 1]! <= from && (areAlike || size > 3)) return true;
    if (to - from === 2 && is(from, 4) && is(from + 1, 6)) return true;
    return length >= 16 && (areAlike || (from === 0 && to === groups.length - 1));
  };
}

function holdsCard(row: Row): boolean {
  const { digits, groups } = row;
  if (digits.length < SHORTEST) return false;
  const sums = luhnSums(digits);
  let areParts: ReturnType<typeof partsOf> | undefined;
  return groups.some(({ start, isCall }, from) => {
    const prefix = digits[start]! * 10 + (digits[start + 1] ?? 0);
    if (!isIssuer(prefix)) return false;
    for (let to = from; to < groups.length; to += 1) {
      const { end } = groups[to]!;
      const length = end - start;
      if (length > LONGEST) break;
      if (length < SHORTEST || (isCall && length <= LONGEST_CALL)) continue;
      const sum = sums[((end - 1) % 2) as 0 | 1];
      if ((sum[end]! - sum[start]!) % 10 !== 0) continue;
      if (
        from === to
          ? isUnbroken(prefix, length)
          : isOfScheme(prefix, length) && (areParts ??= partsOf(row))(from, to, length)
      )
        return true;
    }
    return false;
  });
}

/** UUIDs may consist of digits, too; in one of a thousand hexadecimal ids of 32 characters stands a number by chance; parcels of UPS. */
const IDS =
  /(?<![\w-])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\d*[a-f])[0-9a-f]{32,128}|1Z[0-9A-Z]{16})(?![\w-])/gi;
/** Less than a card has digits. */
const AMOUNTS = /(?<![\d.,])\d{1,3}(?:,\d{3}){1,3}(?![\d,])/g;
const IBANS = /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?\b/g;

/** ISO 13616: of all that look like one, a 97th is. */
function isIban(text: string): boolean {
  const code = text.replaceAll(" ", "");
  const digits = Array.from(code.slice(4) + code.slice(0, 4), (char) => parseInt(char, 36)).join("");
  return BigInt(digits) % 97n === 1n;
}

const withoutOthers = (text: string): string =>
  text
    .replaceAll(IDS, "id")
    .replaceAll(IBANS, (iban) => (isIban(iban) ? "iban" : iban))
    .replaceAll(AMOUNTS, "amount");

/** Most texts have nothing of what follows. */
const DISGUISED = /(?:\d{4}\D[^]{0,11}){3}\d{4}|[〇零一二三四五六七八九][^]{12}/;
/** Four parts of four with one and the same between, whatever that is: words, markup, escapes. */
const SAME_BETWEEN = /(?<!\d)(\d{4})(\D.{0,11}?)(\d{4})\2(\d{4})\2(\d{4})(?!\d)/gs;
/** Digits of Chinese, Japanese and Korean, which are letters elsewhere; so many in a row are a number. */
const HAN = "〇一二三四五六七八九";
const HAN_NUMBER = /(?:[〇零一二三四五六七八九]\P{L}{0,3}){13}/u;

/** What else a text may say in digits. */
function* disguised(text: string): Iterable<string> {
  for (const [, one, , two, three, four] of text.matchAll(SAME_BETWEEN)) yield `${one}${two}${three}${four}`;
  if (HAN_NUMBER.test(text))
    yield text.replaceAll(/[〇零一二三四五六七八九]/g, (digit) => String(Math.max(HAN.indexOf(digit), 0)));
}

const holds = (text: string, what: (row: Row) => boolean): boolean =>
  someRow(text, what) && someRow(withoutOthers(text), what);

/** True for a text that holds the number of a payment card, however it is written. */
export function holdsCardNumber(text: string): boolean {
  if (holds(text, holdsCard)) return true;
  if (!DISGUISED.test(text)) return false;
  const others = withoutOthers(text);
  return Iterator.from(disguised(others)).some((reading) => someRow(reading, holdsCard));
}

/** Twelve digits and more: also a card number with a mistake in it, where nothing but a token belongs. */
export const mayBeCard = (text: string): boolean => holds(text, ({ digits }) => digits.length >= 12);
