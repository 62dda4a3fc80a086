/** Requests made up from an OpenAPI document: valid ones, and what an attacker or a broken client would send. */
import fc, { type Arbitrary } from "fast-check";
import * as hostile from "./hostile.ts";
import type { KnownOperation, Schema } from "./operations.ts";

export interface MadeRequest {
  readonly method: string;
  /** Percent-encoded, with its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Ids of things that exist, by the field or the part of a path that names them. */
export type Ids = Readonly<Record<string, readonly string[]>>;

interface Draft {
  readonly path: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly json: unknown;
  /** Instead of `json`. */
  readonly text?: string;
}

type Mutation = (draft: Draft) => Draft;

/** Where a field's name says what it refers to. */
const references: Readonly<Record<string, string>> = {
  productId: "products",
  category: "categories",
  categoryId: "categories",
  parentId: "categories",
};

/** Of several scripts, in NFC: what people write, one code point each. */
const printed = fc.constantFrom(...Array.from("aZ9 .'é한글日本שלעربي😀%_\\"));

function strings(schema: Schema): Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength = 50 } = schema as { [keyword: string]: never };
  if (format === "uuid") return fc.uuid();
  if (format === "email")
    return fc.tuple(fc.uuid(), fc.constantFrom("example.test", "xn--9p4b.test")).map((parts) => parts.join("@"));
  if (format === "date-time") {
    return fc
      .date({ min: new Date("2030-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((at) => at.toISOString());
  }
  if (pattern !== undefined)
    return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length <= (maxLength as number));
  if (format === "line" || format === "text" || format === "password")
    return fc.string({ unit: printed, minLength, maxLength: Math.max(Math.min(maxLength, 50), minLength) });
  return fc.string({ unit: "binary", minLength, maxLength: Math.max(Math.min(maxLength, 50), minLength) });
}

/** Values that a schema allows; `ids` answers those that exist for a field, if it refers to something. */
export function valuesOf(schema: Schema, ids: Ids, name = ""): Arbitrary<unknown> {
  const {
    type,
    anyOf,
    items,
    properties = {},
    required = [],
    not,
  } = schema as {
    [keyword: string]: never;
    properties?: never;
  };
  if (Array.isArray(type))
    return fc.oneof(...(type as string[]).map((one) => valuesOf({ ...schema, type: one }, ids, name)));
  if (type === "null") return fc.constant(null);
  if ("const" in schema) return fc.constant(schema["const"]);
  if ("enum" in schema) return fc.constantFrom(...(schema["enum"] as unknown[]));
  if (anyOf !== undefined) return fc.oneof(...(anyOf as Schema[]).map((one) => valuesOf(one, ids, name)));
  const known = ids[references[name] ?? ""];
  if (type === "string")
    return known && known.length > 0 ? fc.oneof(fc.constantFrom(...known), strings(schema)) : strings(schema);
  if (type === "integer") {
    const { minimum: min, maximum: max } = schema as { [keyword: string]: number };
    return fc
      .integer({ min: Math.max(min!, -(2 ** 31)), max: Math.min(max!, 2 ** 31 - 1) })
      .filter((one) => not === undefined || one !== 0);
  }
  if (type === "boolean") return fc.boolean();
  if (type === "array") {
    const { minItems: minLength = 0, uniqueItems } = schema as { [keyword: string]: never };
    const item = valuesOf(items!, ids, name);
    const size = { minLength, maxLength: 3 };
    return uniqueItems ? fc.uniqueArray(item, size) : fc.array(item, size);
  }
  const fields = Object.entries<Schema>(properties);
  return fc.record(Object.fromEntries(fields.map(([key, one]) => [key, valuesOf(one, ids, key)])), {
    requiredKeys: required,
    noNullPrototype: true,
  });
}

const KEY = /^[\x21-\x7e]{1,50}$/;

/** A request as the document describes it. */
function drafts({ path, method, parameters, body }: KnownOperation, ids: Ids): Arbitrary<Draft> {
  const owner = path.split("/{")[0]!.split("/").at(-1)!;
  const known = ids[owner] ?? [];
  const inPath = parameters
    .filter((one) => one.in === "path")
    .map(({ name, schema }) => {
      const other = valuesOf(schema, ids, name) as Arbitrary<string>;
      return [
        name,
        known.length > 0
          ? fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 3 }, { arbitrary: other, weight: 1 })
          : other,
      ] as const;
    });
  const query = parameters.filter((one) => one.in === "query");
  const queryValues = fc.record(
    Object.fromEntries(query.map(({ name, schema }) => [name, valuesOf(schema, ids, name)])),
    { requiredKeys: query.filter(({ required }) => required).map(({ name }) => name), noNullPrototype: true },
  );
  return fc.record({
    path: fc.record(Object.fromEntries(inPath.map(([name, values]) => [name, values.map(segment)])), {
      noNullPrototype: true,
    }),
    query: queryValues.map((values) =>
      Object.entries(values).map(([name, value]) => [name, encode(String(value))] as const),
    ),
    headers: method === "POST" ? fc.stringMatching(KEY).map((key) => ({ "idempotency-key": key })) : fc.constant({}),
    json: body ? valuesOf(body, ids) : fc.constant(undefined),
  });
}

/** A lone surrogate has no UTF-8. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** Not empty, and neither `.` nor `..`: those would be another path. */
const segment = (text: string): string => encode(text).replace(/^\.{1,2}$/, "%2E") || "%20";

const anything = fc.oneof(fc.constantFrom(...hostile.values), fc.jsonValue(), fc.string({ unit: "binary" }));
const nastyText = fc.oneof(fc.constantFrom(...hostile.texts), fc.string({ unit: "binary" }));

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A change somewhere inside a JSON value: at `path`, as far as it leads. */
function changed(value: unknown, path: readonly number[], to: unknown): unknown {
  const [first, ...rest] = path;
  const entries = isFields(value) ? Object.entries(value) : Array.isArray(value) ? [...value.entries()] : [];
  if (first === undefined || entries.length === 0) return to;
  const [key, inner] = entries[first % entries.length]!;
  const next = changed(inner, rest, to);
  return Array.isArray(value) ? value.with(key as number, next) : { ...(value as Fields), [key]: next };
}

const withoutField = (value: unknown, index: number): unknown => {
  if (!isFields(value)) return value;
  const names = Object.keys(value);
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== names[index % names.length]));
};

/** Ways to spoil a request; those that do not apply to an operation change nothing in it. */
function mutations({ parameters, method }: KnownOperation): Arbitrary<Mutation> {
  const inPath = parameters.filter((one) => one.in === "path").map(({ name }) => name);
  const inQuery = parameters.filter((one) => one.in === "query").map(({ name }) => name);
  const ways: Arbitrary<Mutation>[] = [
    fc
      .constantFrom(...hostile.headers)
      .map((headers) => (draft) => ({ ...draft, headers: { ...draft.headers, ...headers } })),
    fc
      .tuple(
        fc.oneof(fc.constantFrom("admin", "__proto__", "constructor", "limit", "id", "version"), fc.string()),
        nastyText,
      )
      .map(([name, value]) => (draft) => ({
        ...draft,
        query: [...draft.query, [encode(name), encode(value.slice(0, 400))]],
      })),
  ];
  if (inPath.length > 0) {
    const value = fc.oneof(
      fc.constantFrom(...hostile.escapes),
      nastyText.map((text) => segment(text.slice(0, 400))),
    );
    ways.push(
      fc.tuple(fc.constantFrom(...inPath), value).map(([name, text]) => (draft) => ({
        ...draft,
        path: { ...draft.path, [name]: text },
      })),
    );
  }
  if (inQuery.length > 0) {
    const value = fc.oneof(
      fc.constantFrom(...hostile.escapes),
      nastyText.map((text) => encode(text.slice(0, 400))),
    );
    ways.push(
      fc.tuple(fc.constantFrom(...inQuery), value).map(([name, text]) => (draft) => ({
        ...draft,
        query: [...draft.query.filter(([own]) => own !== name), [name, text]],
      })),
    );
  }
  if (inQuery.includes("cursor")) {
    ways.push(
      fc.constantFrom(...hostile.cursors).map((cursor) => (draft) => ({
        ...draft,
        query: [...draft.query.filter(([own]) => own !== "cursor"), ["cursor", cursor]],
      })),
    );
  }
  if (method !== "GET") {
    ways.push(
      fc.constantFrom(...hostile.bodies).map((text) => (draft) => ({ ...draft, text })),
      fc.tuple(fc.array(fc.nat(20), { maxLength: 4 }), anything).map(([path, to]) => (draft) => ({
        ...draft,
        json: changed(draft.json, path, to),
      })),
      fc.nat(20).map((index) => (draft) => ({ ...draft, json: withoutField(draft.json, index) })),
      fc.tuple(fc.string(), anything).map(([name, value]) => (draft) => ({
        ...draft,
        json: isFields(draft.json) ? { ...draft.json, [name]: value } : { [name]: value },
      })),
    );
  }
  return fc.oneof(...ways);
}

function toRequest(
  { method, path: template }: KnownOperation,
  { path, query, headers, json, text }: Draft,
): MadeRequest {
  const url = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name]!);
  const body = method === "GET" ? undefined : (text ?? (json === undefined ? undefined : JSON.stringify(json)));
  return {
    method,
    url: query.length === 0 ? url : `${url}?${query.map((pair) => pair.join("=")).join("&")}`,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    body,
  };
}

export const validRequests = (operation: KnownOperation, ids: Ids): Arbitrary<MadeRequest> =>
  drafts(operation, ids).map((draft) => toRequest(operation, draft));

export const hostileRequests = (operation: KnownOperation, ids: Ids): Arbitrary<MadeRequest> =>
  fc
    .tuple(drafts(operation, ids), fc.array(mutations(operation), { minLength: 1, maxLength: 3 }))
    .map(([draft, ways]) =>
      toRequest(
        operation,
        ways.reduce((spoilt, mutate) => mutate(spoilt), draft),
      ),
    );
