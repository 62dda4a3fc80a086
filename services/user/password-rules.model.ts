/**
 * Refuses passwords that are guessed first (NIST SP 800-63B section 3.1.1.2). There are no composition rules, but a
 * list of common passwords.
 */
import { dictionary } from "@zxcvbn-ts/language-common";
import type { Sentence } from "#core/text.ts";

const LEAST = 10;
/** The least number of runs that a password must have. 1234 and aaaa are one run each. */
const LEAST_RUNS = 5;

const faults = {
  short: { en: `must have ${LEAST} characters or more`, ko: `${LEAST}자 이상 입력해 주세요` },
  simple: {
    en: "must be more than repetitions and sequences such as 1234567890",
    ko: "1234567890처럼 반복되거나 연속된 문자로만 된 비밀번호는 사용할 수 없습니다",
  },
  common: {
    en: "must not be a common password, with or without digits and signs around it",
    ko: "흔히 쓰이는 비밀번호나 그 앞뒤에 숫자와 기호만 붙인 비밀번호는 사용할 수 없습니다",
  },
  own: {
    en: "must not be made of the e-mail address or the name",
    ko: "이메일 주소나 이름으로 만든 비밀번호는 사용할 수 없습니다",
  },
  same: { en: "must be another one than the present", ko: "현재 비밀번호와 달라야 합니다" },
} as const satisfies Record<string, Sentence>;

/**
 * The downloaded list has no Korean passwords. The last four are 비밀번호, 사랑해, 안녕하세요 and 마당, typed on a keyboard in Latin
 * mode.
 */
const korean = ["마당", "비밀번호", "사랑해", "안녕하세요", "qlalfqjsgh", "tkfkdgo", "dkssudgktpdy", "akekd"];
const common: ReadonlySet<string> = new Set([...dictionary["passwords-common"], "madang", ...korean]);
/** Characters that are neighbours on keyboards or in the alphabet, although their code points are not. */
const rows = ["1234567890", "!@#$%^&*()", "qwertyuiop", "asdfghjkl", "zxcvbnm", "가나다라마바사아자차카타파하"];

/** Removes invisible characters, which make a password no harder to guess. */
const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "");
/** Removes what people put around a word to make it longer. */
const core = (text: string): string => text.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
const squeezed = (text: string): string => core(plain(text)).replaceAll(/[\s._+-]/g, "");

/** -1, 0 or 1 when two characters are equal or neighbours, in Unicode or on a keyboard. */
function step(from: string, to: string): number | undefined {
  const row = rows.find((one) => one.includes(from) && one.includes(to));
  const steps = [to.codePointAt(0)! - from.codePointAt(0)!, row ? row.indexOf(to) - row.indexOf(from) : Infinity];
  return steps.find((one) => Math.abs(one) <= 1);
}

/** The number of runs of repeated or neighbouring characters in a text. */
function runsOf(characters: readonly string[]): number {
  let [runs, direction]: [number, number | undefined] = [0, undefined];
  characters.forEach((one, index) => {
    const next = index === 0 ? undefined : step(characters[index - 1]!, one);
    if (next === undefined || (direction !== undefined && next !== direction)) {
      runs += 1;
      direction = undefined;
    } else direction = next;
  });
  return runs;
}

/** The shortest prefix of which the text is a repetition; the text itself when there is none. */
function repeated(characters: readonly string[]): readonly string[] {
  const period = characters.findIndex(
    (_, length) => length > 0 && characters.every((one, index) => index < length || one === characters[index - length]),
  );
  return period > 0 ? characters.slice(0, period) : characters;
}

/** Letters that must remain when the parts of the person's own name are removed. */
const LEAST_OF_ITS_OWN = 4;
/** More digits than a date or a telephone number, without a sequence: nobody guesses that, whatever else it holds. */
const MANY_DIGITS = 12;
const MANY_RUNS = 8;
function hasManyDigits(text: string): boolean {
  const digits = Array.from(text.replaceAll(/\P{Nd}/gu, ""));
  return digits.length >= MANY_DIGITS && runsOf(digits) >= MANY_RUNS;
}

const wordsOf = (text: string): string[] => plain(text).split(/[^\p{L}\p{M}]+/u);

/** True for a common password, also when it is repeated or has digits and signs around it or in it. */
function isCommon(text: string): boolean {
  const words = new Set(wordsOf(text).filter((word) => word !== ""));
  const forms = [text, core(text), ...(words.size === 1 ? words : [])];
  return forms.some((form) => common.has(form) || common.has(repeated(Array.from(form)).join("")));
}

/** True when almost nothing remains of a password without the parts of the person's own name and e-mail address. */
function isOwn(text: string, names: readonly string[]): boolean {
  const parts = names.flatMap(wordsOf).filter((part) => part.length > (/^[a-z]+$/.test(part) ? 2 : 1));
  const longest = parts.toSorted((a, b) => b.length - a.length);
  const words = wordsOf(text);
  const left = words.map((word) => longest.reduce((rest, part) => rest.replaceAll(part, ""), word)).join("");
  return left.length < LEAST_OF_ITS_OWN && left !== words.join("");
}

/** The person whose password it is. */
export interface Person {
  readonly email: string;
  readonly name: string;
}

/** Why a password is refused for this person; null when it is accepted. */
export function weaknessOf(password: string, { email, name }: Person, current?: string): Sentence | null {
  if (current?.normalize("NFKC") === password.normalize("NFKC")) return faults.same;
  const text = plain(password);
  const unit = repeated(Array.from(text));
  const word = unit.join("");
  if (Array.from(text).length < LEAST) return faults.short;
  if (runsOf(unit) < LEAST_RUNS) return faults.simple;
  if ([text, word].some(isCommon)) return faults.common;
  if (hasManyDigits(text)) return null;
  if (isOwn(text, [email, name])) return faults.own;
  const own = [email, email.split("@")[0]!, name].map(squeezed).filter((one) => one !== "");
  return own.some((one) => [text, word].map(squeezed).includes(one)) ? faults.own : null;
}
