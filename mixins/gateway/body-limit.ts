/** The most bytes of a route's body, derived from its schema, so that nobody may send more than it can need. */
import type { ActionDefinition } from "#core/contract.ts";
import type { JsonSchema } from "#core/schema.ts";

const STEP = 16 * 1024;
/** The most bytes of a NATS message. */
const MOST = 1024 * 1024;
/** Any number, `true`, `false` or `null`. */
const SCALAR = 24;
/** Quotes or brackets, a colon, a comma, and the white space of an indented body. */
const AROUND = 20;
/** `\uXXXX`, the form in which some clients write every character outside ASCII. */
const ESCAPED = 6;

/** Of a field whose name only a pattern describes. */
const LONGEST_NAME = 64;

/** Formats and patterns that allow ASCII only. */
const isAscii = ({ format, pattern }: JsonSchema): boolean =>
  format === "uuid" || format === "date-time" || pattern !== undefined;

/** The most bytes that the JSON of a value takes when it is written reasonably. */
function largest(schema: JsonSchema): number {
  const { type, anyOf, items, properties, maxLength = 0, maxItems = 0, maxProperties = 0 } = schema;
  const literals = schema.enum ?? ("const" in schema ? [schema.const] : undefined);
  if (literals) return Math.max(...literals.map((one) => JSON.stringify(one).length));
  if (anyOf) return Math.max(...anyOf.map(largest));
  if (type === "string") return maxLength * (isAscii(schema) ? 1 : ESCAPED);
  if (type === "array") return maxItems * (largest(items ?? {}) + AROUND);
  if (type !== "object") return SCALAR;
  const fields = Object.entries(properties ?? {});
  const named = fields.reduce((sum, [name, one]) => sum + name.length + largest(one) + AROUND, AROUND);
  // Fields of any name, such as those of metadata.
  const others = Object.values(schema.patternProperties ?? {}).map(largest);
  return others.length === 0 ? named : named + maxProperties * (LONGEST_NAME + Math.max(...others) + AROUND);
}

/** Bytes, in steps of 16 KiB. The limit of an unparsed body is the length of its field. */
export function bodyLimit({ input, raw }: Pick<ActionDefinition, "input" | "raw">): number {
  const schema = input as JsonSchema;
  const bytes = raw ? (schema.properties?.["body"]?.maxLength ?? 0) : largest(schema);
  return Math.min(Math.max(Math.ceil(bytes / STEP), 1) * STEP, MOST);
}
