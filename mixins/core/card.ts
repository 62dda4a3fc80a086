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
  (prefix >= 22 && prefix <= 69 && prefix !== 28 && prefix !== 29) || prefix === 81 || prefix === 82 || prefix >= 90;

/** Without a break, any length will do for the schemes that have several. */
function isUnbroken(prefix: number, length: number): boolean {
  if (prefix < 30 || prefix >= 90) return length === 16;
  return prefix < 70 || length >= 16;
}

/** Of a number in parts also the length must be its scheme's, since parts may belong to several things. */
function isInParts(prefix: number, length: number): boolean {
  if (length === 16) return true;
  if (prefix === 34 || prefix === 37) return length === 15;
  if (prefix === 30 || prefix === 36 || prefix === 38 || prefix === 39) return length === 14;
  if (prefix >= 40 && prefix < 50) return length === 19;
  return length >= 16 && (prefix === 35 || prefix === 50 || (prefix >= 56 && prefix < 90));
}

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

/** Which groups of a row, from one to another, can be the parts of one number. */
function partsOf({ groups }: Row): (from: number, to: number) => boolean {
  const even = since(groups, (group, before) => sizeOf(group) === sizeOf(before));
  const rising = since(groups, (group, before) => group.value > before.value);
  const alike = since(groups, (group, before) => group.gap === before.gap);
  const is = (index: number, size: number): boolean => sizeOf(groups[index]!) === size;
  return (from, to) => {
    if (to - from + 1 >= RISING && rising[to]! <= from) return false;
    // As cards have them, or with the same between all of them; others, such as two dates, are several things.
    if (even[to - 1]! <= from || alike[to]! <= from + 1) return true;
    return (from === 0 && to === groups.length - 1) || (to - from === 2 && is(from, 4) && is(from + 1, 6));
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
      if (from === to ? isUnbroken(prefix, length) : isInParts(prefix, length) && (areParts ??= partsOf(row))(from, to))
        return true;
    }
    return false;
  });
}

/** UUIDs may consist of digits, too; and in one of a thousand hexadecimal ids of 32 characters stands a number by chance. */
const IDS = /(?<![\w-])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\d*[a-f])[0-9a-f]{32,128})(?![\w-])/gi;

const holds = (text: string, what: (row: Row) => boolean): boolean =>
  someRow(text, what) && someRow(text.replaceAll(IDS, "id"), what);

/** True for a text that holds the number of a payment card, however it is written. */
export const holdsCardNumber = (text: string): boolean => holds(text, holdsCard);

/** Twelve digits and more: also a card number with a mistake in it, where nothing but a token belongs. */
export const mayBeCard = (text: string): boolean => holds(text, ({ digits }) => digits.length >= 12);
