/** Every string of every route's input: text that nobody could read or two databases would keep in two ways is 422. */
import fc from "fast-check";
import { newId } from "#core/clock.ts";
import { address, orderOf } from "../support/client.ts";
import { valuesOf } from "../support/generated.ts";
import { Market, type Person, won } from "../support/market.ts";
import { type Document, type KnownOperation, operationsOf, type Schema } from "../support/operations.ts";
import document from "../../docs/openapi.json" with { type: "json" };

let market: Market;
let admin: Person;
beforeAll(async () => {
  market = await Market.open();
  admin = await market.person("admin");
});
afterAll(() => market.close());

const bad = {
  "U+0000": "a\u0000b",
  "a control character": "a\u001bb",
  "a lone surrogate": "a\ud800b",
  "no character": "a\ufdd0b",
  "a bidi override": "a\u202eb",
  "a bidi isolate": "a\u2066b",
  "too many marks": `a${"\u0301".repeat(31)}`,
  "only blanks": " \u3000\u00a0",
  "only zero-width characters": "\u200b\u200d\ufeff",
};
/** They are secrets, not text: nobody sees them. */
const secret = new Set(["U+0000", "a control character", "a lone surrogate"]);

interface Place {
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

async function send(operation: KnownOperation, { where, path, schema }: Place, text: string): Promise<Response> {
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
      authorization: `Bearer ${admin.token}`,
      "idempotency-key": newId(),
      ...(json === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
}

const operations = operationsOf(document as unknown as Document).filter(({ raw }) => !raw);
const cases = operations.flatMap((operation) =>
  placesOf(operation).map(
    (place) => [`${operation.id} ${place.where} /${place.path.join("/")}`, operation, place] as const,
  ),
);

describe("every string that clients send", () => {
  it.each(cases)("%s", async (_, operation, place) => {
    const isSecret = place.schema["format"] === "password";
    for (const [name, text] of Object.entries(bad)) {
      if (isSecret && !secret.has(name)) continue;
      if (place.where !== "body" && name === "a lone surrogate") continue;
      const answer = await send(operation, place, isSecret ? text.padEnd(10, "x") : text);
      const problem = (await answer.json()) as { code: string; errors: { pointer: string }[] };
      expect([name, answer.status, problem.code]).toEqual([name, 422, "VALIDATION_FAILED"]);
      expect(problem.errors.map(({ pointer }) => pointer)).toContain(`/${place.path.join("/")}`);
    }
  });
});

describe("every time that clients send", () => {
  const times = cases.filter(([, , { schema }]) => schema["format"] === "date-time");
  const wrong = ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00Z", "2101-01-01T00:00:00Z", "2030-02-30T00:00:00Z"];

  it.each(times)("%s", async (_, operation, place) => {
    for (const text of wrong) expect([text, (await send(operation, place, text)).status]).toEqual([text, 422]);
  });

  it("comes back as it was, in UTC", async () => {
    const { id } = await admin.call("product.create", { name: "Tea", description: "", price: won(1) });
    await admin.call("product.setPrice", { id, price: won(2), from: "2100-12-31T23:59:59+01:00" });
    const { items } = await admin.call("product.listPrices", { id });
    expect(items[0]).toMatchObject({ price: won(2), from: "2100-12-31T22:59:59.000Z" });
  });
});

describe("text", () => {
  const names = ["Émile", "김미나", "محمد", "שָׁלוֹם", "می‌خواهم", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "O'Brien %_\\"];

  it.each(names)("comes back as it was: %s", async (name) => {
    const { id } = await admin.call("product.create", { name, description: `${name}\n\t${name}`, price: won(1) });
    expect(await admin.call("product.get", { id })).toMatchObject({ name, description: `${name}\n\t${name}` });
  });

  it("is kept in NFC, by which its length is counted", async () => {
    const name = "각".repeat(200);
    const made = await admin.call("product.create", { name: name.normalize("NFD"), description: "", price: won(1) });
    expect(made.name).toBe(name);
  });

  it("says in both languages what is wrong", async () => {
    const say = async (language: string) => {
      const answer = await fetch(`${market.url}/api/v1/products?q=%00`, { headers: { "accept-language": language } });
      return ((await answer.json()) as { errors: unknown[] }).errors;
    };
    expect(await say("en")).toEqual([{ pointer: "/q", detail: "must not hold control characters" }]);
    expect(await say("ko")).toEqual([{ pointer: "/q", detail: "제어 문자를 포함할 수 없습니다" }]);
  });

  it("is one request with one key, in NFC or NFD", async () => {
    const order = orderOf(await market.product(won(1000), 10));
    const at = (line1: string) => ({ ...order, shippingAddress: { ...address, line1 } });
    const key = newId();
    const first = await admin.ask("order.create", at("Café 1"), key);
    const again = await admin.ask("order.create", at("Cafe\u0301 1"), key);
    expect(again).toMatchObject({ replayed: true, answer: { id: first.answer.id } });
  });
});

describe("an e-mail address", () => {
  const signUp = (email: string) =>
    market.broker.call("user.signUp", { email, password: "correct horse battery", name: "Ann" });

  it("has one account, however its mailbox is written", async () => {
    const local = newId();
    await expect(signUp(`${local}@한국.kr`)).resolves.toMatchObject({ email: `${local}@xn--3e0b707e.kr` });
    for (const other of [`${local.toUpperCase()}@XN--3e0b707e.kr`, `${local}@${"한국".normalize("NFD")}.KR`]) {
      await expect(signUp(other)).rejects.toMatchObject({ type: "USER_EMAIL_TAKEN" });
    }
  });
});
