/**
 * What a search finds, as rules over folded text (ADR 0079). A word of the search is found where the text contains it; the
 * tokens of a text only say quickly which texts can contain it.
 */
import { folded } from "#core/folding.ts";

/** The words of a search that count. */
const MOST_WORDS = 10;
/** A word of one or two letters is found at the beginning of words: it is part of too many. */
const SHORT = 2;
/** Letters of alphabets, of which three in a row are rare. Syllables and signs are rare by themselves. */
const LETTER =
  /[\p{L}\p{N}](?<![\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])/u;
const ALL_LETTERS = new RegExp(`^(?:${LETTER.source})+$`, "u");
const PLAIN_WORDS = /[\p{L}\p{N}\p{M}]+/gu;

const wordsOf = (text: string): string[] => folded(text).split(/\s+/).filter(Boolean);
const plainWordsOf = (text: string): string[] => folded(text).match(PLAIN_WORDS) ?? [];

/** The text in which words are looked for: each has a blank before and behind it. */
export const searchText = (...texts: readonly string[]): string => ` ${wordsOf(texts.join("\n")).join(" ")} `;

/** The names of one thing, one line each, without punctuation. */
export const nameText = (names: readonly string[]): string =>
  `\n${names.map((name) => ` ${plainWordsOf(name).join(" ")} `).join("\n")}\n`;

/** The words of names, from which misspelt words are guessed. */
export const nameWords = (names: readonly string[]): string[] => [...new Set(names.flatMap(plainWordsOf))];

/** FNV-1a of 32 bits, signed. Two tokens of one number find too much, and the text then decides. */
function token(kind: string, text: string): number {
  let hash = 0x811c9dc5;
  for (const character of kind + text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return hash | 0;
}

/** A token as SQLite's index has it, where each is a word. */
export const wordOf = (token: number): string => (token >>> 0).toString(36);

/** The token of a product's category. */
export const categoryToken = (id: string): number => token("c", id);

/** Amounts of one token are less than twice of each other. */
const bandOf = (amount: number): number => Math.floor(Math.log2(amount + 1));
const LAST_BAND = 41;
export const priceToken = (amount: number): number => token("p", `${bandOf(amount)}`);
export const priceTokens = (least = 0, most: number = Number.MAX_SAFE_INTEGER): number[] =>
  Array.from({ length: LAST_BAND }, (_, band) => band)
    .filter((band) => band >= bandOf(least) && band <= bandOf(most))
    .map((band) => token("p", `${band}`));

/** The syllables and signs of a word by themselves. */
const signsIn = (word: string): number[] =>
  Array.from(word).flatMap((one) => (LETTER.test(one) ? [] : [token("1", one)]));

/** Its parts of two or three characters, in their order. Whatever contains the word has the tokens of all of them. */
function partsIn(word: string): Set<number> {
  const characters = Array.from(word);
  const letters = characters.map((character) => LETTER.test(character));
  const tokens = new Set<number>();
  for (const [index, one] of characters.entries()) {
    const [next, third] = [characters[index + 1], characters[index + 2]];
    if (next === undefined) continue;
    if (!letters[index] || !letters[index + 1]) tokens.add(token("2", one + next));
    else if (third !== undefined && letters[index + 2]) tokens.add(token("3", one + next + third));
  }
  return tokens;
}

/** Its first letters, for searches of one or two. */
const beginnings = (word: string): number[] => {
  const characters = Array.from(word);
  return Array.from({ length: Math.min(SHORT, characters.length) }, (_, index) =>
    token("b", characters.slice(0, index + 1).join("")),
  );
};

/** How a name begins, for the rank of a search of which it is the beginning. */
const FIRST = 3;
const firstOf = (name: string): number[] => {
  const characters = Array.from(name).slice(0, FIRST);
  return characters.map((_, index) => token("f", characters.slice(0, index + 1).join("")));
};

/** The tokens of a product with these names and texts. */
export function textTokens(names: readonly string[], texts: readonly string[]): Set<number> {
  const tokens = new Set<number>();
  for (const word of new Set(wordsOf([...names, ...texts].join("\n"))))
    for (const one of [...signsIn(word), ...partsIn(word), ...beginnings(word)]) tokens.add(one);
  for (const name of names) {
    const words = plainWordsOf(name);
    for (const word of words) tokens.add(nameToken(word));
    for (const one of [token("n", words.join(" ")), ...firstOf(words.join(" "))]) tokens.add(one);
  }
  return tokens;
}

/** A word of a search, or those that it may have been meant to be: a text has to contain one of them. */
export type Word = readonly [string, ...string[]];

/** The words of a search as they were typed. */
export const searchWords = (q: string): Word[] => [...new Set(wordsOf(q))].slice(0, MOST_WORDS).map((word) => [word]);

/** All of these tokens. */
type All = readonly number[];
/** One of these, for each of the groups. */
export type Expression = readonly (readonly All[])[];

const isShort = (word: string): boolean => Array.from(word).length <= SHORT && ALL_LETTERS.test(word);
/** Tokens of one word that are asked for at most. */
const MOST_TOKENS = 64;
function tokensFor(word: string): All {
  if (isShort(word)) return [token("b", word)];
  const parts = [...partsIn(word)].slice(0, MOST_TOKENS);
  return parts.length > 0 ? parts : signsIn(word);
}
/** The first, the last, and every fourth between them: parts overlap, so this finds hardly more, and a quarter is to be read. */
function someOf(tokens: All): All {
  const steps = Math.ceil((tokens.length - 1) / 4);
  const places = Array.from({ length: steps + 1 }, (_, step) =>
    Math.round((step * (tokens.length - 1)) / (steps || 1)),
  );
  return places.map((at) => tokens[at]!);
}

/** Some tokens of texts that contain each of the words. */
export const containing = (words: readonly Word[]): Expression =>
  words.map((one) => one.map((word) => someOf(tokensFor(word))));

/** All tokens of texts that contain the word. */
export const havingAll = (word: Word): Expression => [word.map(tokensFor)];

/** The token of names that have this word, which `nameWords` gave. */
export const nameToken = (word: string): number => token("w", word);

const escaped = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);

/** For each of the words, the patterns of which the text of `searchText` matches one; the escape is a backslash. */
export const patterns = (words: readonly Word[]): string[][] =>
  words.map((one) => one.map((word) => (isShort(word) ? `% ${escaped(word)}%` : `%${escaped(word)}%`)));

/** A rank: those that match, by some tokens that they have and by the patterns of which `nameText` matches one each. */
export interface Rank {
  readonly tokens: Expression;
  readonly patterns: readonly (readonly string[])[];
}

/** The ranks of a search, best first: the whole name, its beginning, its words. What is behind them has no rank. */
export function ranksOf(words: readonly Word[]): Rank[] {
  const all = words.map((one) => one.map((word) => plainWordsOf(word).join(" ")).filter(Boolean));
  const plain = all.filter(isSome);
  if (plain.length === 0) return [];
  const signs = containing(words.filter((_, at) => all[at]!.length === 0));
  const whole = plain.map(([first]) => first!).join(" ");
  const eachWord = plain.map((one) => one.map((word) => word.split(" ").map(nameToken)));
  return [
    { tokens: [[[token("n", whole)]], ...signs], patterns: [[`%\n ${escaped(whole)} \n%`]] },
    { tokens: [[[firstOf(whole).at(-1)!]], ...containing(words)], patterns: [[`%\n ${escaped(whole)}%`]] },
    { tokens: [...eachWord, ...signs], patterns: plain.map((one) => one.map((word) => `% ${escaped(word)} %`)) },
  ];
}
const isSome = (list: readonly unknown[]): boolean => list.length > 0;

/**
 * Units of a misspelt word: letters, and of Hangul the parts of a syllable. Shorter and longer words are not guessed, and no
 * numbers, since another number is another thing.
 */
const UNITS = { least: 4, most: 30 } as const;
const unitsOf = (word: string): string => word.normalize("NFD");
const without = (units: string): string[] =>
  Array.from({ length: units.length }, (_, index) => units.slice(0, index) + units.slice(index + 1));

/**
 * What is left of a word when one of its letters is lost, and the word itself. Two words that differ by one letter have one
 * of these in common. Empty for words that are not guessed.
 */
export function variantsOf(word: string): string[] {
  const units = unitsOf(word);
  if (units.length < UNITS.least || units.length > UNITS.most || /\p{N}/u.test(units)) return [];
  return [...new Set([units, ...without(units)])];
}

/** Whether one letter was changed, lost, added, or swapped with the next. */
export function differsByOne(one: string, other: string): boolean {
  const [a, b] = [unitsOf(one), unitsOf(other)];
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const [left, right] = [a.slice(start), b.slice(start)];
  const swapped = left.slice(0, 2) === `${right[1]}${right[0]}` && left.slice(2) === right.slice(2);
  return a !== b && (left.slice(1) === right.slice(1) || left.slice(1) === right || left === right.slice(1) || swapped);
}
