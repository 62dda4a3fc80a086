/** The kinds of settings. Each says in words which values it accepts, so that a wrong one is explained. */
import { isIP } from "node:net";

export interface Setting<T> {
  readonly about: string;
  /** What the setting accepts, in words: `a whole number from 1 to 100`. */
  readonly expected: string;
  readonly example: string;
  readonly fallback: T | undefined;
  /** @throws ConfigError whose message continues the sentence after the setting's name */
  readonly parse: (text: string) => T;
}

/** A setting that cannot work. It is shown as one sentence without a stack, and the process exits with code 1. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** A longer text, or one with control characters, is a mistake unless the kind of setting says otherwise. */
const LONGEST = 2000;
const CONTROL = /\p{Cc}|\p{Zl}|\p{Zp}/u;

/** The longest wait of a timer of Node, in milliseconds. A longer one would fire at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** The beginning of a wrong value, short enough for one sentence on one line. */
const quoted = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);

interface Traits {
  /** The message does not show a wrong value. */
  readonly isSecret?: boolean;
  /** The value may have several lines. */
  readonly hasLines?: boolean;
  /** The most characters of a value. */
  readonly longest?: number;
}

/**
 * Makes a kind of setting.
 * @param expected what it accepts, in words
 * @param read parses the text; undefined for a text that it refuses
 */
export function setting<T>(
  expected: string,
  read: (text: string) => T | undefined,
  { isSecret = false, hasLines = false, longest = LONGEST }: Traits = {},
) {
  return (about: string, fallback?: T): Setting<T> => ({
    about,
    expected,
    fallback,
    example: fallback === undefined ? "" : String(fallback),
    parse(value) {
      const trimmed = value.trim();
      const isUsual = trimmed.length <= longest && (hasLines || !CONTROL.test(trimmed));
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

/** Accepts digits alone: a person who means a number writes neither 1e9 nor 0x10. */
const wholeNumber =
  ({ least, most }: Required<Range>) =>
  (value: string): number | undefined => {
    const parsed = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    return parsed >= least && parsed <= most ? parsed : undefined;
  };

/** @param range by default from 0 to a thousand million */
export const count = (about: string, fallback?: number, { least = 0, most = 1_000_000_000 }: Range = {}) =>
  setting(`a whole number from ${least} to ${most}`, wholeNumber({ least, most }))(about, fallback);
/** A setting in milliseconds. The default range is from 1 to the longest wait of a timer (24 days). */
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

export const secret = (least: number) =>
  setting(`a secret of at least ${least} characters`, (value) => (value.length >= least ? value : undefined), {
    isSecret: true,
  });

/** A host name that ends in a number is an IP address with a mistake in it (RFC 1123 section 2.1). */
const HOST_NAME =
  /^(?=.{1,253}$)(?!(?:.*\.)?\d+$)[a-z\d](?:[-a-z\d]{0,61}[a-z\d])?(?:\.[a-z\d](?:[-a-z\d]{0,61}[a-z\d])?)*$/i;
export const host = setting("an IP address or the name of a host", (value) =>
  isIP(value) !== 0 || HOST_NAME.test(value) ? value : undefined,
);

/**
 * Several values of one kind, separated by commas, without duplicates.
 * @param expected what they are, in words
 * @param read parses one value; undefined for a value that it refuses
 */
export const listOf = (expected: string, read: (part: string) => string | undefined) =>
  setting(`${expected}, separated by commas`, (value): readonly string[] | undefined => {
    const parts = value.split(",").map((part) => part.trim());
    const known = parts.filter(Boolean).map(read);
    return known.length === 0 || known.includes(undefined) ? undefined : [...new Set(known as string[])];
  });

/** Origins as browsers send them (RFC 6454, section 6.2): compared as a whole, so one with a slash never matches. */
export const origins = listOf(
  "origins without a path or a slash at the end, such as https://shop.example.com",
  (part) => (/^https?:/.test(part) && URL.parse(part)?.origin === part && !part.includes("*") ? part : undefined),
);

/** True for an address with one of these schemes and a host. URLs of the scheme tcp have a host by definition. */
const isUrl = (schemes: readonly string[], value: string): boolean => {
  const parsed = /[\s\\]/.test(value) ? null : URL.parse(value);
  if (!parsed || !schemes.some((scheme) => value.startsWith(`${scheme}://`))) return false;
  // The URL parser would take the first part of the path for the host when an http URL has no host.
  return /^[^*<>]*$/.test(parsed.hostname) && (parsed.protocol === "tcp:" || /^\w+:\/\/[^/]/.test(value));
};

const inWords = (schemes: readonly string[]): string => schemes.map((scheme) => `${scheme}://`).join(" or ");

/** An address with one of these schemes. An error does not show the address, because it may hold a password. */
export const url = (schemes: readonly string[], about: string, fallback?: string): Setting<string> =>
  setting(`a URL that begins with ${inWords(schemes)}`, (value) => (isUrl(schemes, value) ? value : undefined), {
    isSecret: true,
  })(about, fallback);

/** One address or several with the same scheme, separated by commas. */
export const urls = (schemes: readonly string[], about: string, fallback?: string): Setting<string> =>
  setting(
    `URLs of one kind that begin with ${inWords(schemes)}, separated by commas`,
    (value) => {
      const parts = value.split(",").map((part) => part.trim());
      return schemes.some((scheme) => parts.every((part) => isUrl([scheme], part))) ? value : undefined;
    },
    { isSecret: true },
  )(about, fallback);

export const optional = <T>(inner: Setting<T>): Setting<T | null> => ({ ...inner, fallback: null });
