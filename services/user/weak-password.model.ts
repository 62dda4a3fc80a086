/** Which passwords are guessed first (NIST SP 800-63B section 3.1.1.2): no rules of composition, but a list of what is common. */
import { dictionary } from "@zxcvbn-ts/language-common";
import type { Sentence } from "#core/text.ts";

const LEAST = 10;
/** Runs of characters that a password must have at least, where 1234 and aaaa are one each. */
const LEAST_RUNS = 5;

const faults = {
  short: { en: `must have ${LEAST} characters or more`, ko: `${LEAST}자 이상이어야 합니다` },
  simple: {
    en: "must be more than repetitions and sequences such as 1234567890",
    ko: "1234567890처럼 반복되거나 이어지는 문자만으로 만들 수 없습니다",
  },
  common: {
    en: "must not be a common password, with or without digits and signs around it",
    ko: "흔히 쓰이는 비밀번호나 그 앞뒤에 숫자와 기호만 붙인 비밀번호는 사용할 수 없습니다",
  },
  own: {
    en: "must not be made of the e-mail address or the name",
    ko: "이메일 주소나 이름으로 만든 비밀번호는 사용할 수 없습니다",
  },
} as const satisfies Record<string, Sentence>;

const common: ReadonlySet<string> = new Set([...dictionary["passwords-common"], "madang", "마당"]);
/** What lies side by side on keyboards, where code points do not. */
const rows = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

const plain = (text: string): string => text.normalize("NFKC").toLowerCase();
/** Without what is put around a word to make it longer. */
const core = (text: string): string => text.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
const squeezed = (text: string): string => core(plain(text)).replaceAll(/[\s._+-]/g, "");

/** -1, 0 or 1 where two characters are the same or neighbours, in Unicode or on a keyboard. */
function step(from: string, to: string): number | undefined {
  const row = rows.find((one) => one.includes(from) && one.includes(to));
  const steps = [to.codePointAt(0)! - from.codePointAt(0)!, row ? row.indexOf(to) - row.indexOf(from) : Infinity];
  return steps.find((one) => Math.abs(one) <= 1);
}

/** How many runs of repeated or neighbouring characters a text is made of. */
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

/** The shortest beginning of which the whole text is made by repetition; the text itself when there is none. */
function repeated(characters: readonly string[]): readonly string[] {
  const period = characters.findIndex(
    (_, length) => length > 0 && characters.every((one, index) => index < length || one === characters[index - length]),
  );
  return period > 0 ? characters.slice(0, period) : characters;
}

/** Whose password it is. */
export interface Person {
  readonly email: string;
  readonly name: string;
}

/** Why a password will not do for this person; null when it will. */
export function weaknessOf(password: string, { email, name }: Person): Sentence | null {
  const text = plain(password);
  const unit = repeated(Array.from(text));
  const word = unit.join("");
  if (Array.from(text).length < LEAST) return faults.short;
  if (runsOf(unit) < LEAST_RUNS) return faults.simple;
  if ([text, word, core(text), core(word)].some((one) => common.has(one))) return faults.common;
  const own = [email, email.split("@")[0]!, name].map(squeezed).filter((one) => one !== "");
  return own.some((one) => [text, word].map(squeezed).includes(one)) ? faults.own : null;
}
