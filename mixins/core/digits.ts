/** Finds the numbers in a text, in digits of any script, and tells which of them stand together. */

/** A run of digits without a separator. */
export interface Group {
  /** Where its digits begin and end among the digits of its row. */
  readonly start: number;
  readonly end: number;
  readonly value: number;
  /** True when it follows a plus sign, as a telephone number does. */
  readonly isCall: boolean;
  /** Identifies the visible characters between the group before and this one; 0 means nothing but blanks. */
  readonly gap: number;
}

/** Groups with at most twenty characters between neighbours. Invisible characters are not counted. */
export interface Row {
  readonly digits: readonly number[];
  readonly groups: readonly Group[];
}

const WIDEST_GAP = 20;

/** The kind of a character. A digit is stored as its value plus `DIGIT`. */
const [WORD, BLANK, UNSEEN, MARK, DIGIT] = [1, 2, 3, 4, 10];
const PLUS = 0x2b;

/** The digit one of scripts whose nine digits Unicode treats as separate symbols: ❶ ➀ ➊ ⓵ ፩. */
const ONES = [0x27_76, 0x27_80, 0x27_8a, 0x24_f5, 0x13_69];
const ZEROS: ReadonlySet<number> = new Set([0x24_ff, 0x1_f1_0b, 0x1_f1_0c]);

/** Every script has its ten digits in sequence from 0. NFKC makes a 4 of ⁴, ④, ⑷, ⒋ and 𝟒. */
function digitOf(char: string): number | undefined {
  const [, compatible] = /^\D*(\d)\D*$/.exec(char.normalize("NFKC")) ?? [];
  if (compatible !== undefined) return Number(compatible);
  const code = char.codePointAt(0)!;
  if (ZEROS.has(code)) return 0;
  const one = ONES.find((first) => code >= first && code < first + 9);
  if (one !== undefined) return code - one + 1;
  if (!/\p{Nd}/u.test(char)) return undefined;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return before % 10;
}

function classify(code: number): number {
  const char = String.fromCodePoint(code);
  const digit = /\p{N}/u.test(char) ? digitOf(char) : undefined;
  if (digit !== undefined) return DIGIT + digit;
  if (/[\p{M}\p{Cf}\p{DI}]/u.test(char)) return UNSEEN;
  if (/[\s\p{Z}]/u.test(char)) return BLANK;
  // These letters serve as dashes in Japanese, Korean and Arabic.
  return /\p{L}/u.test(char) && !/[ーｰㅡ一ـ]/.test(char) ? WORD : MARK;
}

/** A cache of kinds by code point, filled on demand. */
const kinds = new Uint8Array(0x11_0000);
const kindOf = (code: number): number => (kinds[code] ||= classify(code));

class Reading {
  #digits: number[] = [];
  #groups: Group[] = [];
  #start = 0;
  #value = 0;
  #isCall = false;
  #gap = 0;
  #width = 0;

  digit(value: number, before: number): void {
    if (this.#digits.length === this.#start) this.#isCall = before === PLUS;
    this.#value = this.#value * 10 + value;
    this.#digits.push(value);
  }

  /** @returns the row that this character ends, if it ends one */
  other(kind: number, code: number, before: number): Row | undefined {
    this.#close();
    // A line of dashes counts as one character.
    if (kind !== UNSEEN && code !== before) this.#width += 1;
    if (kind === MARK) this.#gap = (this.#gap * 31 + code) % 0x7f_ff_ff;
    return this.#groups.length > 0 && (kind === WORD || this.#width > WIDEST_GAP) ? this.end() : undefined;
  }

  end(): Row {
    this.#close();
    const row = { digits: this.#digits, groups: this.#groups };
    this.#digits = [];
    this.#groups = [];
    this.#start = 0;
    return row;
  }

  #close(): void {
    const end = this.#digits.length;
    if (end === this.#start) return;
    this.#groups.push({ start: this.#start, end, value: this.#value, isCall: this.#isCall, gap: this.#gap });
    this.#start = end;
    this.#value = 0;
    this.#gap = 0;
    this.#width = 0;
  }
}

/** True when `is` holds for a row of the text. The time that it takes depends on the text's length alone. */
export function someRow(text: string, is: (row: Row) => boolean): boolean {
  const reading = new Reading();
  let before = 0;
  for (let index = 0; index < text.length; index += before > 0xff_ff ? 2 : 1) {
    const code = text.codePointAt(index)!;
    const kind = kindOf(code);
    if (kind >= DIGIT) reading.digit(kind - DIGIT, before);
    else {
      const row = reading.other(kind, code, before);
      if (row && is(row)) return true;
    }
    before = code;
  }
  return is(reading.end());
}
