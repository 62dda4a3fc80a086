/** Which text we take from clients, and its one spelling: what two databases, a screen and a mail show alike. */
import { holdsCardNumber } from "./card.ts";

/** In the languages that clients read. */
export interface Sentence {
  readonly en: string;
  readonly ko: string;
}

type Rule = readonly [pattern: Pick<RegExp, "test">, fault: Sentence];

/** UAX #15 calls a text stream-safe that has no more than 30 marks in a row: no language needs more. */
const MOST_MARKS = 30;
/** Looks at each run once: a pattern that counts would look at each mark thirty times. */
const MARKS = {
  test: (text: string): boolean =>
    text.match(/\p{M}+/gu)?.some((run) => run.length > MOST_MARKS && Array.from(run).length > MOST_MARKS) ?? false,
};
/** Something other than blanks, marks and what nobody sees, such as zero-width characters and fillers. */
const VISIBLE = /[^\s\p{Z}\p{Cc}\p{Cf}\p{M}\p{DI}\u2800]/u;

const rules: readonly Rule[] = [
  [
    /\p{Surrogate}/u,
    { en: "must not hold half a character", ko: "깨진 문자(짝이 없는 서로게이트)를 포함할 수 없습니다" },
  ],
  [/[^\P{Cc}\t\n]/u, { en: "must not hold control characters", ko: "제어 문자를 포함할 수 없습니다" }],
  [
    /\p{Noncharacter_Code_Point}/u,
    {
      en: "must not hold code points that are no characters",
      ko: "유니코드에서 문자로 쓰지 않는 값을 포함할 수 없습니다",
    },
  ],
  [
    /[\u202a-\u202e\u2066-\u2069]/,
    {
      en: "must not hold characters that change the direction of what follows",
      ko: "글자 방향을 강제로 바꾸는 문자를 포함할 수 없습니다",
    },
  ],
  [
    MARKS,
    {
      en: "must not hold more than 30 marks on one letter",
      ko: "한 글자에 결합 문자를 30개까지만 붙일 수 있습니다",
    },
  ],
];
const ONE_LINE: Rule = [
  /[\t\n\u2028\u2029]/,
  { en: "must be one line without tabs", ko: "탭 없이 한 줄로 입력해 주세요" },
];
/** Nobody needs to tell us one, and what is not taken cannot be found by anybody. */
const CARD: Sentence = {
  en: "must not hold a card number",
  ko: "카드 번호를 포함할 수 없습니다",
};
const BLANK: Sentence = {
  en: "must hold something that can be seen",
  ko: "공백이나 보이지 않는 문자만 입력할 수 없습니다",
};

/**
 * Most texts need no second look: printable ASCII and syllables of Hangul, which have one spelling, and fewer digits than a
 * card number.
 */
const PLAIN = /^[!-~가-힣][ !-~가-힣]*$/;
const MANY_DIGITS = /(?:\d\D*){13}/;
const isPlain = (text: string): boolean => PLAIN.test(text) && !MANY_DIGITS.test(text);

/** What is wrong with a text that is kept or told, whatever else it must be; null when nothing is. */
export const cardFault = (text: string): Sentence | null => (holdsCardNumber(text) ? CARD : null);

/** What is wrong with a text of several lines; null when nothing is. Whether it may be empty is a matter of its length. */
export function textFault(text: string): Sentence | null {
  if (isPlain(text)) return null;
  const [, fault] = rules.find(([pattern]) => pattern.test(text)) ?? [];
  return fault ?? cardFault(text) ?? (text === "" || VISIBLE.test(text) ? null : BLANK);
}

/** What is wrong with a text of one line; null when nothing is. */
export const lineFault = (text: string): Sentence | null => (ONE_LINE[0].test(text) ? ONE_LINE[1] : textFault(text));

/** Passwords are never shown, so nearly everything goes; what a keyboard cannot send is a fault of the client. */
export const passwordFault = (text: string): Sentence | null =>
  rules.slice(0, 2).find(([pattern]) => pattern.test(text))?.[1] ?? cardFault(text);

/** NFC: é is one code point, however it was typed. Refused text stays as it is, for its marks take long to sort. */
export const normalLine = (text: string): string =>
  PLAIN.test(text) || MARKS.test(text) ? text : text.normalize("NFC");

/** The same, with lines that end alike. */
export const normalText = (text: string): string => normalLine(text).replaceAll(/\r\n?/g, "\n");
