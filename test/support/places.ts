/** Every place of every route where a client sends a string, and requests that hold a text there. */
import fc from "fast-check";
import { newId } from "#core/clock.ts";
import { valuesOf } from "./generated.ts";
import type { Market, Person } from "./market.ts";
import { type Document, type KnownOperation, operationsOf, type Schema } from "./operations.ts";
import document from "../../docs/openapi.json" with { type: "json" };

export interface Place {
  readonly where: "path" | "query" | "body";
  readonly path: readonly string[];
  readonly schema: Schema;
}

type Fields = Readonly<Record<string, Schema>>;

/** Where a value of this schema holds strings; `0` is the first item of a list. */
function stringsIn(schema: Schema, path: readonly string[] = []): { path: readonly string[]; schema: Schema }[] {
  const { type, anyOf = [], items, properties = {} } = schema as { [keyword: string]: never };
  if (type === "string") return [{ path, schema }];
  return [
    ...(anyOf as Schema[]).flatMap((one) => stringsIn(one, path)),
    ...(items === undefined ? [] : stringsIn(items, [...path, "0"])),
    ...Object.entries<Schema>(properties as Fields).flatMap(([name, one]) => stringsIn(one, [...path, name])),
  ];
}

const placesOf = ({ parameters, body }: KnownOperation): Place[] => [
  ...parameters.flatMap(({ in: where, name, schema }) =>
    where === "header" ? [] : stringsIn(schema).map((one) => ({ where, path: [name], schema: one.schema })),
  ),
  ...(body ? stringsIn(body).map((one) => ({ where: "body" as const, ...one })) : []),
];

/** A value of the schema that holds this text at this path. */
function holding(schema: Schema, [first, ...rest]: readonly string[], text: string): unknown {
  if (first === undefined) return text;
  const { anyOf, items, properties } = schema as { anyOf?: Schema[]; items?: Schema; properties?: Fields };
  if (items) return [holding(items, rest, text)];
  const inner = properties?.[first];
  if (inner) return { ...(sample(schema) as object), [first]: holding(inner, rest, text) };
  return holding(
    anyOf!.find((one) => "properties" in one || "items" in one)!,
    [first, ...rest],
    text,
  );
}

const sample = (schema: Schema, name = ""): unknown =>
  fc.sample(valuesOf(schema, {}, name), { numRuns: 1, seed: 1 })[0];

/** Nothing but a well-formed text can be percent-encoded. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** Asks for something with this text at this place of the request. */
export async function sendText(
  market: Market,
  person: Person,
  operation: KnownOperation,
  { where, path, schema }: Place,
  text: string,
): Promise<Response> {
  const { method, parameters, body } = operation;
  const valueOf = ({ name, schema: one }: { name: string; schema: Schema }): string =>
    encode(where !== "body" && path[0] === name ? text : String(sample(one, name)));
  const inPath = new Map(parameters.filter((one) => one.in === "path").map((one) => [one.name, valueOf(one)]));
  const query = parameters
    .filter((one) => one.in === "query" && (one.required || (where === "query" && path[0] === one.name)))
    .map((one) => `${one.name}=${valueOf(one)}`);
  const json = body && (where === "body" ? holding(body, path, text) : sample(body));
  const url = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => inPath.get(name)!);
  expect(schema["type"]).toBe("string");
  return fetch(`${market.url}${url}?${query.join("&")}`, {
    method,
    headers: {
      authorization: `Bearer ${person.token}`,
      "idempotency-key": newId(),
      ...(json === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
}

const operations = operationsOf(document as unknown as Document).filter(({ raw }) => !raw);
/** Each with its name; bodies that somebody has signed are no text of ours. */
export const places = operations.flatMap((operation) =>
  placesOf(operation).map(
    (place) => [`${operation.id} ${place.where} /${place.path.join("/")}`, operation, place] as const,
  ),
);
