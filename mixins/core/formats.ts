/** Our own formats beside those of JSON Schema: each has a check, and a normal form that is made before it. */
import type { TSchema } from "typebox";
import Format from "typebox/format";
import { momentOf, timestamp } from "./clock.ts";
import { emailFault, mailbox } from "./email.ts";
import type { JsonSchema } from "./schema.ts";
import { cardFault, lineFault, normalLine, normalText, passwordFault, type Sentence, textFault } from "./text.ts";

const normalMoment = (text: string): string => {
  const moment = momentOf(text);
  return moment === undefined ? text : timestamp(moment);
};
const momentFault = (text: string): Sentence | null =>
  momentOf(text) === undefined
    ? {
        en: "must be a time of RFC 3339 between 1970 and 2100, such as 2030-01-31T09:00:00Z",
        ko: "1970년부터 2100년까지의 RFC 3339 시각이어야 합니다(예: 2030-01-31T09:00:00Z)",
      }
    : null;

interface TextFormat {
  /** Absent for a format that JSON Schema defines itself. */
  readonly fault?: (text: string) => Sentence | null;
  readonly normal?: (text: string) => string;
}

const formats: Readonly<Record<string, TextFormat>> = {
  /** One line that people read, such as a name. */
  line: { fault: lineFault, normal: normalLine },
  text: { fault: textFault, normal: normalText },
  /** Any other text, which a pattern describes. */
  code: { fault: cardFault },
  "date-time": { fault: momentFault, normal: normalMoment },
  email: { fault: emailFault, normal: (text) => mailbox(text) ?? text },
  password: { fault: passwordFault },
  /** Read in upper or lower case, written in lower case (RFC 9562 section 4). */
  uuid: { normal: (text) => text.toLowerCase() },
};
for (const [name, { fault }] of Object.entries(formats)) if (fault) Format.Set(name, (text) => fault(text) === null);

/** Why one of our formats refuses this value. */
export const formatFault = (format: unknown, value: unknown): Sentence | null =>
  typeof value === "string" && Object.hasOwn(formats, String(format))
    ? (formats[String(format)]!.fault?.(value) ?? null)
    : null;

type Normalise = (value: unknown) => unknown;

/** Normalising shortens no text to less than a fourth, so a text that is longer than this is refused anyway. */
const SHRINKS = 4;

/**
 * Normalises every text within a value. The argument is not changed, since its caller may still use it.
 * @returns undefined when the schema holds no text to normalise
 */
export function normaliser(schema: TSchema): Normalise | undefined {
  const { format = "", maxLength = 0, maxItems = 0, items, anyOf = [], properties = {} } = schema as JsonSchema;
  const normal = formats[format]?.normal;
  if (normal) {
    return (value) => (typeof value === "string" && value.length <= maxLength * SHRINKS ? normal(value) : value);
  }
  const item = items && normaliser(items);
  if (item) return (value) => (Array.isArray(value) && value.length <= maxItems ? value.map(item) : value);
  const fields = Object.entries(properties).flatMap(([name, one]) => {
    const inner = normaliser(one);
    return inner ? [[name, inner] as const] : [];
  });
  if (fields.length > 0) return (value) => withFields(value, fields);
  const options = anyOf.map((one) => normaliser(one)).filter((one) => one !== undefined);
  return options.length > 0 ? (value) => options.reduce((text, one) => one(text), value) : undefined;
}

function withFields(value: unknown, fields: readonly (readonly [name: string, normalise: Normalise])[]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const own = value as Readonly<Record<string, unknown>>;
  let changed: Record<string, unknown> | undefined;
  for (const [name, normalise] of fields) {
    const normal = normalise(own[name]);
    if (normal !== own[name]) (changed ??= { ...own })[name] = normal;
  }
  return changed ?? own;
}
