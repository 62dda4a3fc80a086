/** How many bytes a route's body may have: what its schema can need, so that nobody may send more than that. */
import type { ActionDefinition } from "#core/contract.ts";

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

const STEP = 16 * 1024;
/** What NATS carries in one message. */
const MOST = 1024 * 1024;
/** Any number, `true`, `false` or `null`. */
const SCALAR = 24;
/** Quotes or brackets, a colon, a comma, and the white space of a body that is indented. */
const AROUND = 20;
/** `\uXXXX`: so some clients write whatever is not ASCII. */
const ESCAPED = 6;

/** Formats and patterns that hold ASCII only. */
const isAscii = ({ format, pattern }: JsonSchema): boolean =>
  format === "uuid" || format === "date-time" || pattern !== undefined;

/** Bytes that the JSON of a value takes at most, were it written with some sense. */
function largest(schema: JsonSchema): number {
  const { type, anyOf, items, properties, maxLength = 0, maxItems = 0 } = schema;
  const literals = schema.enum ?? ("const" in schema ? [schema.const] : undefined);
  if (literals) return Math.max(...literals.map((one) => JSON.stringify(one).length));
  if (anyOf) return Math.max(...anyOf.map(largest));
  if (type === "string") return maxLength * (isAscii(schema) ? 1 : ESCAPED);
  if (type === "array") return maxItems * (largest(items ?? {}) + AROUND);
  if (type !== "object") return SCALAR;
  const fields = Object.entries(properties ?? {});
  return fields.reduce((sum, [name, one]) => sum + name.length + largest(one) + AROUND, AROUND);
}

/** Bytes, in steps of 16 KiB; a body that is not parsed is as long as its field says. */
export function bodyLimit({ input, raw }: Pick<ActionDefinition, "input" | "raw">): number {
  const schema = input as JsonSchema;
  const bytes = raw ? (schema.properties?.["body"]?.maxLength ?? 0) : largest(schema);
  return Math.min(Math.max(Math.ceil(bytes / STEP), 1) * STEP, MOST);
}
