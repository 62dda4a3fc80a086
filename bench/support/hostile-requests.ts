/** For one operation of the OpenAPI document, requests that cost a server most: as large as they may be, and wrong. */
import type { ApiOperation, Schema } from "../../test/support/fixtures/operations.ts";

export interface HostileRequest {
  /** In a few words. */
  readonly what: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Characters of a target, of which Node reads 16 KiB with all headers. */
const TARGET = 14_000;
const ID = "0190ab12-cdef-7000-8000-abcdefabcdef";

const texts: readonly (readonly [what: string, unit: string])[] = [
  ["letters", "a"],
  ["dots", "a."],
  ["an address", "a@a."],
  ["digits", "1"],
  ["blanks", " "],
  ["brackets", "["],
  ["annotations", "[u-ca=a]"],
  ["accents", "e\u0301"],
  ["marks", "\u0301\u0316"],
  ["emoji", "👩‍👩‍👧‍👦"],
  ["escapes", "\\u0061"],
  ["slashes", "https://a/"],
];

/** Of a part as often as it fits; `around` is what stands before and after it. */
const filled = (before: string, part: (index: number) => string, after: string, limit: number): string => {
  const parts: string[] = [];
  let size = before.length + after.length;
  for (let index = 0; ; index += 1) {
    const next = part(index);
    size += Buffer.byteLength(next) + 1;
    if (size > limit) return `${before}${parts.join(",")}${after}`;
    parts.push(next);
  }
};

type Fields = Readonly<Record<string, Schema>>;
const fieldsOf = (schema: Schema): [string, Schema][] => Object.entries((schema["properties"] ?? {}) as Fields);

/** A body that is right but for one field, which is this text of JSON. */
const withField = (schema: Schema, name: string, json: string): string => {
  const required = (schema["required"] ?? []) as readonly string[];
  const others = fieldsOf(schema).filter(([other]) => other !== name && required.includes(other));
  const rest = others.map(([other, one]) => `${JSON.stringify(other)}:${JSON.stringify(sample(one))}`);
  return `{${[...rest, `${JSON.stringify(name)}:${json}`].join(",")}}`;
};

function sample(schema: Schema): unknown {
  const {
    type,
    format,
    enum: values,
    anyOf,
    items,
    minLength = 1,
    minimum = 0,
  } = schema as { [keyword: string]: never };
  if (values) return (values as unknown[])[0];
  if (anyOf) return sample(anyOf[0]);
  if (format === "uuid") return ID;
  if (format === "email") return "ann@example.test";
  if (format === "date-time") return "2030-01-01T00:00:00Z";
  if (type === "string") return "A".repeat(Math.max(minLength, 2));
  if (type === "integer") return Math.max(minimum, 1);
  if (type === "boolean") return true;
  if (type === "array") return [sample(items!)];
  if (type !== "object") return null;
  return Object.fromEntries(fieldsOf(schema).map(([name, one]) => [name, sample(one)]));
}

/** Where text may stand, with the field that it stands in. */
function lists(schema: Schema, limit: number): [string, string][] {
  return fieldsOf(schema)
    .filter(([, one]) => one["type"] === "array")
    .flatMap(([name, one]) => {
      const right = JSON.stringify(sample(one["items"] as Schema));
      const items: [string, (index: number) => string][] = [
        ["numbers", () => "1"],
        ["objects", () => "{}"],
        ["lists", () => "[]"],
        ["what is right", () => right],
        ["ids", (index) => right.replace(ID, ID.slice(0, -6) + String(index).padStart(6, "0"))],
      ];
      const room = limit - withField(schema, name, "").length;
      return items.map(([what, item]): [string, string] => [
        `${name} full of ${what}`,
        withField(schema, name, filled("[", item, "]", room)),
      ]);
    });
}

function strings(schema: Schema, limit: number, path = ""): [string, string][] {
  return fieldsOf(schema).flatMap(([name, one]): [string, string][] => {
    if (one["type"] === "object")
      return strings(one, limit - 500, `${name}.`).map(([what, json]) => [what, withField(schema, name, json)]);
    const shapes = [one, ...((one["anyOf"] ?? []) as Schema[])];
    const text = shapes.find(({ type }) => type === "string");
    if (!text) return [];
    const most = Math.min((text["maxLength"] as number | undefined) ?? 100, limit);
    const room = limit - withField(schema, name, '""').length;
    return texts.flatMap(([what, unit]) =>
      [most, most * 4, room].map((length): [string, string] => {
        const count = Math.floor(Math.min(length, room) / Buffer.byteLength(unit));
        return [`${path}${name} of ${what}`, withField(schema, name, `"${unit.repeat(count)}!"`)];
      }),
    );
  });
}

function bodies(schema: Schema, limit: number): [string, string][] {
  return [
    ["a list of numbers", filled("[", () => "1", "]", limit)],
    ["unknown fields", filled("{", (index) => `"f${index}":{}`, "}", limit)],
    ["one field many times", filled("{", () => '"a":1', "}", limit)],
    ["escaped names", filled("{", (index) => `"\\u0061${index}":[0,0]`, "}", limit)],
    ["nested lists", `${"[".repeat(limit / 2)}${"]".repeat(limit / 2)}`],
    ["nested fields", `${'{"a":'.repeat(Math.floor(limit / 6) - 1)}1${"}".repeat(Math.floor(limit / 6) - 1)}`],
    ["nested lists in a field", `{"a":${"[".repeat(limit / 2 - 3)}${"]".repeat(limit / 2 - 3)}}`],
    ["a long name", `{"${"a".repeat(limit - 10)}":1}`],
    ["numbers of many digits", `[${"1".repeat(limit - 2)}]`],
    ["what is too large", `"${"x".repeat(limit * 4)}"`],
    ["nothing but blanks", " ".repeat(limit)],
    ...lists(schema, limit),
    ...strings(schema, limit),
  ];
}

const repeated = (unit: string, length: number): string => unit.repeat(Math.floor(length / unit.length));

function targets({ path, parameters }: ApiOperation): [string, string][] {
  const right = path.replaceAll(/\{\w+\}/g, ID);
  const units = ["a", "1", "%41", "%F0%9F%91%A9", "+", "e%CC%81", "a%40a.", "%5B"];
  const long = units.flatMap((unit): [string, string][] =>
    path.includes("{") ? [[`a path of ${unit}`, path.replace(/\{\w+\}/, repeated(unit, TARGET))]] : [],
  );
  const inQuery = parameters.filter((one) => one.in === "query").map(({ name }) => name);
  const queries = [...inQuery, "unknown"].flatMap((name): [string, string][] => [
    [`${name} many times`, `${right}?${repeated(`${name}=1&`, TARGET)}`],
    ...units.map((unit): [string, string] => [`${name} of ${unit}`, `${right}?${name}=${repeated(unit, TARGET)}`]),
  ]);
  return [
    ...long,
    ...queries,
    ["ampersands", `${right}?${repeated("&", TARGET)}`],
    ["slashes", `${right}${repeated("/", TARGET)}`],
    ["segments", `${right}${repeated("/a", TARGET)}`],
  ];
}

const headers: readonly Readonly<Record<string, string>>[] = [
  { "if-match": repeated('"1.x",', TARGET) },
  { "if-match": `"1.x"${" ".repeat(TARGET)}x` },
  { "if-none-match": repeated('W/"a",', TARGET) },
  { "accept-language": repeated("ko;q=0.1,", TARGET) },
  { "content-type": `application/json;${repeated("a=b;", TARGET)}` },
  { "content-type": `application/json;${" ".repeat(TARGET)}x` },
  { authorization: `Bearer ${"a".repeat(TARGET)}=` },
  { authorization: `Bearer ${repeated("a.", TARGET)}` },
  { "x-forwarded-for": repeated("::1,", TARGET) },
  { "x-forwarded-for": `[${repeated("1:", TARGET)}]:1` },
  { traceparent: "0".repeat(TARGET) },
  { "idempotency-key": "k".repeat(TARGET) },
  { "last-event-id": "1".repeat(TARGET) },
  Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`x${index}`, "1"])),
];

/** @param limit bytes of the body that the route reads */
export function hostileRequests(operation: ApiOperation, limit: number): HostileRequest[] {
  const { method, path, body } = operation;
  const url = path.replaceAll(/\{\w+\}/g, ID);
  const key = method === "POST" ? { "idempotency-key": "worst" } : {};
  const json = { ...key, "content-type": "application/json" };
  const sent = method === "GET" ? undefined : JSON.stringify(body ? sample(body) : {});
  const content = sent === undefined ? [] : bodies(body ?? {}, limit);
  return [
    ...content.map(([what, one]) => ({ what, url, headers: json, body: one })),
    ...targets(operation).map(([what, target]) => ({ what, url: target, headers: key })),
    ...headers.map((some) => ({
      what: Object.keys(some).length > 1 ? "headers" : Object.keys(some)[0]!,
      url,
      headers: { ...json, ...some },
      ...(sent === undefined ? {} : { body: sent }),
    })),
  ];
}
