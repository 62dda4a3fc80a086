/** Search and sort keys: text without case, accents and width, the same on every database. */

/** Combining marks on letters, and invisible characters. Marks that are vowels of their own, as in Devanagari, stay. */
const MARKS = /(?=\p{Mn})[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}]|\p{Default_Ignorable_Code_Point}/gu;
/** Unicode does not decompose these letters, although its collation (UTS #10) sorts them as if it did. */
const letters: Readonly<Record<string, string>> = { ς: "σ", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", ħ: "h" };
const LETTERS = new RegExp(`[${Object.keys(letters).join("")}]`, "gu");

/**
 * Full case folding, by way of upper case (where ß is SS) and back. NFKD separates accents and unifies wide and joined
 * letters. NFC then composes Hangul syllables again, so that 가 is not found in 강.
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

/** Codes that people type, such as those of coupons, are the same code when their keys are: blanks do not count either. */
export const codeKey = (code: string): string => folded(code).replaceAll(/\s/gu, "");

/** An index of PostgreSQL holds 2,700 bytes, and each character takes at most three. */
const LONGEST_KEY = 200;

/** A key that sorts names byte by byte: blanks, digits, the Latin alphabet, then other scripts up to Hangul. */
export const sortKey = (text: string): string => folded(text).slice(0, LONGEST_KEY).toWellFormed();

/** The LIKE pattern, escaped with a backslash, of folded texts that contain `q`. */
export const containing = (q: string): string => `%${folded(q).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
