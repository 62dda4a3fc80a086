/** Schemas as tools that read OpenAPI want them: shapes with a `title` are named once, and what generators misread is said otherwise. */
import type { JsonSchema } from "#core/schema.ts";

export type Json = Readonly<Record<string, unknown>>;

const REFERENCE = "#/components/schemas/";
const INT32 = 2 ** 31 - 1;

const nameOf = ({ $ref }: JsonSchema): string | undefined => $ref?.slice(REFERENCE.length);

/** `order.create` as the beginning of a name: `OrderCreate`. */
const pascal = (id: string): string =>
  id.replaceAll(/(?:^|[^A-Za-z0-9])([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());

export class Schemas {
  readonly #named = new Map<string, JsonSchema>();

  /** @throws Error when another shape has the same title */
  of(schema: object): Json {
    return this.#read(schema) as Json;
  }

  /** The same, but always a name for an object: its own, that of what a page is of, or one made from the operation's. */
  named(schema: object, operationId: string, role: "Body" | "Result" | "Event"): Json {
    const read = this.#read(schema);
    if (!read.properties) return read as Json;
    const item = read.properties["nextCursor"] && read.properties["items"]?.items;
    const page = item && nameOf(item);
    return this.#name(page ? `${page}Page` : `${pascal(operationId)}${role}`, read) as Json;
  }

  components(): Json {
    return Object.fromEntries([...this.#named].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #name(title: string, schema: JsonSchema): JsonSchema {
    const known = this.#named.get(title);
    if (known && JSON.stringify(known) !== JSON.stringify(schema))
      throw new Error(`Two shapes have the title ${title}: give one of them another.`);
    this.#named.set(title, schema);
    return { $ref: `${REFERENCE}${title}` };
  }

  #read(schema: JsonSchema): JsonSchema {
    const { title, ...plain } = this.#plain(schema);
    return title === undefined ? plain : this.#name(title, plain);
  }

  /** Without `additionalProperties`: for Java it makes a shape a map that forgets its own fields. */
  #plain(strict: JsonSchema): JsonSchema {
    const { additionalProperties: _, ...schema } = strict;
    if (schema.anyOf) return this.#alternatives(schema, schema.anyOf);
    if (schema.const !== undefined) return { ...schema, type: typeof schema.const };
    // A generator that finds no type beside `enum` takes it for any object.
    if (schema.enum) return { ...schema, type: "string" };
    if (schema.type === "integer") return isLong(schema) ? { ...schema, format: "int64" } : schema;
    // The format says more than a pattern, which generators apply to what they have parsed already.
    if (schema.format === "date-time") return { ...schema, pattern: undefined } as unknown as JsonSchema;
    if (schema.items) return { ...schema, items: this.#read(schema.items) };
    if (!schema.properties) return schema;
    const properties = Object.entries(schema.properties).map(([name, one]) => [name, this.#read(one)] as const);
    return { ...schema, properties: Object.fromEntries(properties) };
  }

  /** `[X, "null"]` is one type that may be absent; `anyOf` would be a class with two fields. */
  #alternatives(schema: JsonSchema, anyOf: readonly JsonSchema[]): JsonSchema {
    const read = anyOf.map((one) => this.#read(one));
    const [only, ...others] = read.filter(({ type }) => type !== "null");
    const isNullable = others.length === 0 && read.length === 2 && typeof only?.type === "string";
    if (!isNullable) return { ...schema, anyOf: read };
    const { anyOf: _, ...rest } = schema;
    return {
      ...rest,
      ...only,
      type: [only.type, "null"],
      ...(only.enum ? { enum: [...only.enum, null] } : {}),
    };
  }
}

const isLong = ({ minimum = 0, maximum = Infinity }: JsonSchema): boolean => maximum > INT32 || minimum < -INT32 - 1;
