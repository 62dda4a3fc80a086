/**
 * Finds the first violations in a value. TypeBox walks all of a value, which blocks the process for as long as a client
 * likes. This walk checks sizes before content, and stops at the eighth violation.
 */
import type { TSchema } from "typebox";
import { Check, Errors } from "typebox/value";
import { formatFault } from "./formats.ts";
import type { JsonSchema } from "./schema.ts";
import type { Language } from "./text.ts";
import { wordsFor } from "./violation.words.ts";

/** One entry of a problem's `errors` (RFC 9457 section 3): `pointer` is a JSON pointer into the request. */
export interface Violation {
  readonly pointer: string;
  readonly detail: string;
}

/** The most violations in one answer. */
const MOST = 8;
/** Characters of an unknown field's name that are shown. */
const NAME_LENGTH = 100;

/** A violation as TypeBox describes it. */
interface Fault {
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly pointer: string;
  readonly value: unknown;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const escape = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
const named = (names: readonly string[]): string[] => names.slice(0, MOST).map((name) => name.slice(0, NAME_LENGTH));

function* faults(schema: JsonSchema, value: unknown, pointer: string): Iterable<Fault> {
  if (schema.anyOf) yield* ofUnion(schema, value, pointer);
  else if (schema.properties && isFields(value)) yield* ofFields(schema, value, pointer);
  else if (schema.items && Array.isArray(value)) yield* ofItems(schema, value, pointer);
  else yield* ofContent(schema, value, pointer);
}

function* ofFields(schema: JsonSchema, value: Fields, pointer: string): Iterable<Fault> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const missing = required.filter((name) => !Object.hasOwn(value, name));
  if (missing.length > 0) yield { keyword: "required", params: { requiredProperties: missing }, pointer, value };
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
  if (additionalProperties === false && unknown.length > 0)
    yield { keyword: "additionalProperties", params: { additionalProperties: named(unknown) }, pointer, value };
  for (const [name, inner] of Object.entries(properties)) {
    if (!Object.hasOwn(value, name) || (value[name] === undefined && !required.includes(name))) continue;
    yield* faults(inner, value[name], `${pointer}/${escape(name)}`);
  }
}

function* ofItems(schema: JsonSchema, value: readonly unknown[], pointer: string): Iterable<Fault> {
  const { items = {}, maxItems = Infinity, minItems = 0, uniqueItems = false } = schema;
  if (value.length > maxItems) {
    yield { keyword: "maxItems", params: { limit: maxItems }, pointer, value };
    return;
  }
  for (const [index, item] of value.entries()) yield* faults(items, item, `${pointer}/${index}`);
  yield* ofContent({ type: "array", minItems, uniqueItems }, value, pointer);
}

/** Those of the one option whose type the value has. Where none or several match, all options are named. */
function* ofUnion({ anyOf = [], ...schema }: JsonSchema, value: unknown, pointer: string): Iterable<Fault> {
  const meant = anyOf.filter(({ type }) => type === undefined || Check({ type } as TSchema, value));
  const type = anyOf.flatMap((one) => one.type ?? []);
  if (Check({ anyOf } as TSchema, value)) yield* ofContent(schema, value, pointer);
  else if (meant.length === 1) yield* faults(meant[0]!, value, pointer);
  else if (meant.length === 0) yield { keyword: "type", params: { type }, pointer, value };
  else if (meant.every((one) => "const" in one))
    yield { keyword: "enum", params: { allowedValues: meant.map((one) => one.const) }, pointer, value };
  else yield { keyword: "anyOf", params: {}, pointer, value };
}

function* ofContent(schema: JsonSchema, value: unknown, pointer: string): Iterable<Fault> {
  const { maxLength = Infinity } = schema;
  // A code point has at most two UTF-16 units. The format of a longer text is not checked, since the text is too long
  // anyway.
  if (typeof value === "string" && value.length > maxLength * 2) {
    yield { keyword: "maxLength", params: { limit: maxLength }, pointer, value };
    return;
  }
  for (const { keyword, params, instancePath } of Errors(schema as TSchema, value))
    yield { keyword, params: bounded(params), pointer: `${pointer}${instancePath}`, value };
}

/** Of an object whose fields have names of a pattern, nobody knows how many are wrong. */
function bounded({ additionalProperties: names, ...params }: Fault["params"]): Fault["params"] {
  return Array.isArray(names) ? { ...params, additionalProperties: named(names as string[]) } : params;
}

function toViolation({ keyword, params, pointer, value }: Fault, language: Language): Violation {
  const { [language]: detail } = formatFault(params["format"], value) ?? wordsFor(keyword, params);
  return { pointer, detail };
}

/** At most eight violations of a value that the schema refuses. */
export const violationsOf = (schema: TSchema, value: unknown, language: Language = "en"): Violation[] =>
  Iterator.from(faults(schema as JsonSchema, value, ""))
    .take(MOST)
    .map((one) => toViolation(one, language))
    .toArray();
