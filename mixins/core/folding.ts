/** What people search and sort by: text without case, accents and width, alike on every database. */

/** Marks upon letters, not those that are vowels of their own as in Devanagari; and what nobody sees. */
const MARKS = /(?=\p{Mn})[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}]|\p{Default_Ignorable_Code_Point}/gu;
/** Unicode does not take these apart, though its collation (UTS #10) sorts them as if it did. */
const letters: Readonly<Record<string, string>> = { ς: "σ", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", ħ: "h" };
const LETTERS = new RegExp(`[${Object.keys(letters).join("")}]`, "gu");

/**
 * Full case folding: by way of upper case, where ß is SS, and back.
 * NFKD takes accents off, and wide and joined letters apart; NFC makes syllables of Hangul letters again, so that 가 is
 * not a part of 강.
 */
export const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(MARKS, "")
    .replaceAll(LETTERS, (letter) => letters[letter]!)
    .normalize("NFC");

/** Three bytes each at most: an index of PostgreSQL holds 2 700. */
const LONGEST_KEY = 200;

/** Compared byte by byte, keys put names in order: blanks, digits, the Latin alphabet, then other scripts up to Hangul. */
export const sortKey = (text: string): string => folded(text).slice(0, LONGEST_KEY).toWellFormed();

/** The LIKE pattern, escaped with a backslash, of folded texts that contain `q`. */
export const containing = (q: string): string => `%${folded(q).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
