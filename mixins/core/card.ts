/**
 * Finds payment card numbers in text. They must not get further than the gateway, so text that holds one is never
 * stored, passed on or logged. A number is found in spite of its disguise: digits of any script, with anything but
 * letters between them.
 */
import { type Group, type Row, someRow } from "./digits.ts";

const SHORTEST = 13;
const LONGEST = 19;
/** The longest telephone number after a plus sign (E.164). */
const LONGEST_CALL = 15;
/** A list of this many numbers that each are larger than the one before, such as sizes, is no card number. */
const RISING = 6;

/**
 * The first two digits of payment cards' issuers. Times in milliseconds begin with 1, dates with 20 and domestic
 * telephone numbers with 0, so those are not mistaken for cards.
 */
const isIssuer = (prefix: number): boolean =>
  (prefix >= 22 && prefix <= 69 && prefix !== 28 && prefix !== 29) || prefix === 81 || prefix === 82 || prefix === 97;

/** The length must fit the card scheme, because most other numbers of 13 to 15 digits are bar codes or accounts. */
function isOfScheme(prefix: number, length: number): boolean {
  if (length === 16) return true;
  if (prefix === 34 || prefix === 37) return length === 15;
  if (prefix === 30 || prefix === 36 || prefix === 38 || prefix === 39) return length === 14;
  if (prefix >= 40 && prefix < 50) return length === 19;
  return length >= 16 && (prefix === 35 || prefix === 50 || (prefix >= 56 && prefix < 70));
}

/** A number without a separator may also be an old Visa card, or a Maestro card of any length. */
const isUnbroken = (prefix: number, length: number): boolean =>
  isOfScheme(prefix, length) ||
  (length === SHORTEST && prefix >= 40 && prefix < 50) ||
  (length > SHORTEST && (prefix === 50 || prefix === 67 || (prefix >= 56 && prefix < 59)));

/** Luhn sums (ISO/IEC 7812-1 annex B) of the digits before each place, for ends at even and at odd places. */
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

/** For each group, the first group from which `goesOn` holds for every pair of neighbours up to it. */
function since(groups: readonly Group[], goesOn: (group: Group, before: Group) => boolean): Uint32Array {
  const first = new Uint32Array(groups.length);
  for (let index = 1; index < groups.length; index += 1)
    first[index] = goesOn(groups[index]!, groups[index - 1]!) ? first[index - 1]! : index;
  return first;
}

const sizeOf = ({ start, end }: Group): number => end - start;

/** Separators between the numbers of a list or of a sum. */
const LISTING: ReadonlySet<number> = new Set(Array.from(",;+", (char) => char.codePointAt(0)!));

/** Tells which consecutive groups of a row can be the parts of one number. */
function partsOf({ groups }: Row): (from: number, to: number, length: number) => boolean {
  const even = since(groups, (group, before) => sizeOf(group) === sizeOf(before));
  const rising = since(groups, (group, before) => group.value > before.value);
  const alike = since(groups, (group, before) => group.gap === before.gap);
  const is = (index: number, size: number): boolean => sizeOf(groups[index]!) === size;
  return (from, to, length) => {
    if (to - from + 1 >= RISING && rising[to]! <= from) return false;
    const size = sizeOf(groups[from]!);
    const areAlike = alike[to]! <= from + 1;
    // The numbers of a list are separate numbers, unless they are as short as the parts of a card number or are grouped
    // like one large amount.
    if (areAlike && LISTING.has(groups[to]!.gap))
      return to - from > 2 && even[to]! <= from + 1 && (is(from + 1, 3) || (even[to]! <= from && size <= 4));
    // Groups belong together when they have the lengths of a card's parts, or when every gap between them is the same.
    // Other groups, such as two dates, are separate numbers.
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

/** UUIDs, parcel numbers of UPS and one in a thousand hexadecimal ids may look like card numbers. */
const IDS =
  /(?<![\w-])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\d*[a-f])[0-9a-f]{32,128}|1Z[0-9A-Z]{16})(?![\w-])/gi;
/** Amounts with commas, which have fewer digits than a card number. */
const AMOUNTS = /(?<![\d.,])\d{1,3}(?:,\d{3}){1,3}(?![\d,])/g;
const IBANS = /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?\b/g;

/** The check digits of ISO 13616: of the texts that only look like an IBAN, one in 97 passes. */
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

/** A fast check, because most texts have no disguised number. */
const DISGUISED = /(?:\d{4}\D[^]{0,11}){3}\d{4}|[〇零一二三四五六七八九][^]{12}/;
/** Four groups of four digits with the same words, markup or escape sequences between them. */
const SAME_BETWEEN = /(?<!\d)(\d{4})(\D.{0,11}?)(\d{4})\2(\d{4})\2(\d{4})(?!\d)/gs;
/** Chinese, Japanese and Korean digits are also letters of words, so only a long run counts as a number. */
const HAN = "〇一二三四五六七八九";
const HAN_NUMBER = /(?:[〇零一二三四五六七八九]\P{L}{0,3}){13}/u;

/** The other readings of a text in which a number may hide. */
function* disguised(text: string): Iterable<string> {
  for (const [, one, , two, three, four] of text.matchAll(SAME_BETWEEN)) yield `${one}${two}${three}${four}`;
  if (HAN_NUMBER.test(text))
    yield text.replaceAll(/[〇零一二三四五六七八九]/g, (digit) => String(Math.max(HAN.indexOf(digit), 0)));
}

const holds = (text: string, what: (row: Row) => boolean): boolean =>
  someRow(text, what) && someRow(withoutOthers(text), what);

/** True for a text that holds the number of a payment card, in whatever form it is written. */
export function holdsCardNumber(text: string): boolean {
  if (holds(text, holdsCard)) return true;
  if (!DISGUISED.test(text)) return false;
  const others = withoutOthers(text);
  return Iterator.from(disguised(others)).some((reading) => someRow(reading, holdsCard));
}

/** True for twelve digits or more. Where only a token belongs, this also finds a card number with a typing mistake. */
export const mayBeCard = (text: string): boolean => holds(text, ({ digits }) => digits.length >= 12);
