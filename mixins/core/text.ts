/** Which text clients may send, and its normal form, so that databases, screens and e-mails show the same. */
import { holdsCardNumber } from "./card.ts";

/** The languages that clients read. */
export type Language = "en" | "ko";

export type Sentence = Readonly<Record<Language, string>>;

type Rule = readonly [pattern: Pick<RegExp, "test">, fault: Sentence];

/** UAX #15 calls a text stream-safe when it has at most 30 combining marks in a row. No language needs more. */
const MOST_MARKS = 30;
/** Looks at each run of marks once. A regular expression that counts would look at each mark thirty times. */
const MARKS = {
  test: (text: string): boolean =>
    text.match(/\p{M}+/gu)?.some((run) => run.length > MOST_MARKS && Array.from(run).length > MOST_MARKS) ?? false,
};
/** No blank, no mark alone, and no invisible character such as zero-width characters and fillers. */
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
  { en: "must be one line without tabs", ko: "줄 바꿈이나 탭을 포함할 수 없습니다" },
];
/** Card numbers are refused, because what is never stored cannot be stolen. */
const CARD: Sentence = {
  en: "must not hold a card number",
  ko: "카드 번호를 포함할 수 없습니다",
};
const BLANK: Sentence = {
  en: "must hold something that can be seen",
  ko: "보이는 문자가 하나 이상 있어야 합니다",
};

/** Most texts are ASCII and Hangul with few digits. They have one spelling already and need no second look. */
const PLAIN = /^[!-~가-힣][ !-~가-힣]*$/;
const MANY_DIGITS = /(?:\d\D*){13}/;
const isPlain = (text: string): boolean => PLAIN.test(text) && !MANY_DIGITS.test(text);

/** Why a text may not be stored or passed on, whatever its format; null when it may. */
export const cardFault = (text: string): Sentence | null => (holdsCardNumber(text) ? CARD : null);

/** Why a text of several lines is refused; null when it is accepted. `minLength` decides about empty ones. */
export function textFault(text: string): Sentence | null {
  if (isPlain(text)) return null;
  const [, fault] = rules.find(([pattern]) => pattern.test(text)) ?? [];
  return fault ?? cardFault(text) ?? (text === "" || VISIBLE.test(text) ? null : BLANK);
}

/** Why a text of one line is refused; null when it is accepted. */
export const lineFault = (text: string): Sentence | null => (ONE_LINE[0].test(text) ? ONE_LINE[1] : textFault(text));

/** Passwords are never shown, so every character is allowed that a keyboard can send. */
export const passwordFault = (text: string): Sentence | null =>
  rules.slice(0, 2).find(([pattern]) => pattern.test(text))?.[1] ?? cardFault(text);

/**
 * NFC gives é one code point, however it was typed. Text that will be refused for its marks stays as it is, because
 * sorting thousands of marks takes long.
 */
export const normalLine = (text: string): string =>
  PLAIN.test(text) || MARKS.test(text) ? text : text.normalize("NFC");

/** The same, with one kind of line break. */
export const normalText = (text: string): string => normalLine(text).replaceAll(/\r\n?/g, "\n");
