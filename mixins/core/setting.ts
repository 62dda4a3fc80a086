/** The kinds of settings: what a text of the environment must be, told in words when it is not. */
import { isIP } from "node:net";

export interface Setting<T> {
  readonly about: string;
  /** What it takes, in words: `a whole number from 1 to 100`. */
  readonly expected: string;
  readonly example: string;
  readonly fallback: T | undefined;
  /** @throws ConfigError whose message goes on from the setting's name */
  readonly parse: (text: string) => T;
}

/** A setting that is wrong: shown as one sentence, without a stack, and the process ends with code 1. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** A text that is longer, or that has control characters, was never meant. */
const LONGEST = 2000;
const CONTROL = /\p{Cc}|\p{Zl}|\p{Zp}/u;

/** Milliseconds that a timer of Node can wait; more would end it at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** As much of a wrong value as fits into one sentence on one line. */
const quoted = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);

interface Traits {
  /** A wrong value is not shown. */
  readonly isSecret?: boolean;
  /** It may have several lines. */
  readonly hasLines?: boolean;
}

/**
 * A kind of settings of our own.
 * @param expected what it takes, in words
 * @param read undefined for what it is not
 */
export function setting<T>(
  expected: string,
  read: (text: string) => T | undefined,
  { isSecret = false, hasLines = false }: Traits = {},
) {
  return (about: string, fallback?: T): Setting<T> => ({
    about,
    expected,
    fallback,
    example: fallback === undefined ? "" : String(fallback),
    parse(value) {
      const trimmed = value.trim();
      const isUsual = trimmed.length <= LONGEST && (hasLines || !CONTROL.test(trimmed));
      const parsed = isUsual ? read(trimmed) : undefined;
      if (parsed === undefined) throw new ConfigError(`must be ${expected}${isSecret ? "" : `, not ${quoted(value)}`}`);
      return parsed;
    },
  });
}

interface Range {
  readonly least?: number;
  readonly most?: number;
}

/** Digits alone: neither 1e9 nor 0x10 is what somebody writes who means a number. */
const wholeNumber =
  ({ least, most }: Required<Range>) =>
  (value: string): number | undefined => {
    const parsed = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    return parsed >= least && parsed <= most ? parsed : undefined;
  };

/** @param range from 0 to a thousand million unless told */
export const count = (about: string, fallback?: number, { least = 0, most = 1_000_000_000 }: Range = {}) =>
  setting(`a whole number from ${least} to ${most}`, wholeNumber({ least, most }))(about, fallback);
/** Milliseconds; from 1 to what a timer can wait (24 days) unless told. */
export const duration = (about: string, fallback?: number, { least = 1, most = LONGEST_TIMER }: Range = {}) =>
  setting(`a whole number of milliseconds from ${least} to ${most}`, wholeNumber({ least, most }))(about, fallback);
export const port = setting("a port from 0 to 65535", wholeNumber({ least: 0, most: 65_535 }));
export const share = setting("a number from 0 to 1", (value) => {
  const parsed = /^\d?(?:\.\d+)?$/.test(value) ? Number(value || undefined) : Number.NaN;
  return parsed >= 0 && parsed <= 1 ? parsed : undefined;
});
export const flag = setting("on or off", (value) =>
  ["on", "true", "1"].includes(value) ? true : ["off", "false", "0"].includes(value) ? false : undefined,
);
export const text = setting("a text", (value) => value || undefined);
export const oneOf = <const T extends string>(values: readonly T[], about: string, fallback?: T): Setting<T> =>
  setting(`one of ${values.join(", ")}`, (value) => values.find((one) => one === value))(about, fallback);

/** A text that is never shown. */
export const secret = (least: number) =>
  setting(`a secret of at least ${least} characters`, (value) => (value.length >= least ? value : undefined), {
    isSecret: true,
  });

/** A name does not end with a number (RFC 1123 section 2.1): that is an address with a mistake in it. */
const HOST_NAME =
  /^(?=.{1,253}$)(?!(?:.*\.)?\d+$)[a-z\d](?:[-a-z\d]{0,61}[a-z\d])?(?:\.[a-z\d](?:[-a-z\d]{0,61}[a-z\d])?)*$/i;
export const host = setting("an IP address or the name of a host", (value) =>
  isIP(value) !== 0 || HOST_NAME.test(value) ? value : undefined,
);

/**
 * Several of a kind, each once, separated by commas.
 * @param expected what they are, in words
 * @param read undefined for what is none of them
 */
export const listOf = (expected: string, read: (part: string) => string | undefined) =>
  setting(`${expected}, separated by commas`, (value): readonly string[] | undefined => {
    const parts = value.split(",").map((part) => part.trim());
    const known = parts.filter(Boolean).map(read);
    return known.length === 0 || known.includes(undefined) ? undefined : [...new Set(known as string[])];
  });

/** True for an address with one of these schemes and a host; tcp alone finds the others without one. */
const isUrl = (schemes: readonly string[], value: string): boolean => {
  const parsed = /[\s\\]/.test(value) ? null : URL.parse(value);
  if (!parsed || !schemes.some((scheme) => value.startsWith(`${scheme}://`))) return false;
  // An http URL takes its path for a host where there is none.
  return /^[^*<>]*$/.test(parsed.hostname) && (parsed.protocol === "tcp:" || /^\w+:\/\/[^/]/.test(value));
};

const inWords = (schemes: readonly string[]): string => schemes.map((scheme) => `${scheme}://`).join(" or ");

/** An address with one of these schemes, as it was written; its faults are told without it, since it may hold a password. */
export const url = (schemes: readonly string[], about: string, fallback?: string): Setting<string> =>
  setting(`a URL that begins with ${inWords(schemes)}`, (value) => (isUrl(schemes, value) ? value : undefined), {
    isSecret: true,
  })(about, fallback);

/** One address or several, separated by commas. */
export const urls = (schemes: readonly string[], about: string, fallback?: string): Setting<string> =>
  setting(
    `URLs that begin with ${inWords(schemes)}, separated by commas`,
    (value) => (value.split(",").every((part) => isUrl(schemes, part.trim())) ? value : undefined),
    { isSecret: true },
  )(about, fallback);

/** A setting that may be absent. */
export const optional = <T>(inner: Setting<T>): Setting<T | null> => ({ ...inner, fallback: null });
