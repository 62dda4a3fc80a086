/**
 * Every list that is paged, with cursors that nobody gave out: they are the client's fault, on either database.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { ActionDefinition } from "#core/contract.ts";
import { orderOf } from "../support/actors/client.ts";
import { importing } from "../support/fixtures/product-cases.ts";
import { AllServices, type Person } from "../support/systems/all-services.ts";

let allServices: AllServices;
let admin: Person;
/** What a list is of, by its name or that of its service. */
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  allServices = await AllServices.open();
  admin = await allServices.person("admin");
  const product = await allServices.product();
  const { paymentId } = await admin.call("order.create", orderOf(product));
  const imported = await importing(admin, allServices);
  ids = { product, payment: paymentId!, "v1.product.getImportReport": imported };
});
afterAll(() => allServices.close());

interface List {
  readonly name: string;
  readonly service: string;
  readonly sorts: readonly (string | undefined)[];
  readonly required: readonly string[];
  /** Services ask each other: with their own cursors, but a service may be another's. */
  readonly isInner: boolean;
}

interface Shape {
  readonly properties?: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
  readonly required?: readonly string[];
}

function lists(): List[] {
  return allServices.broker.services.flatMap(({ name: service, schema }) =>
    Object.entries((schema.actions ?? {}) as unknown as Record<string, ActionDefinition>).flatMap(
      ([action, { input, auth }]) => {
        const { properties = {}, required = [] } = (input ?? {}) as Shape;
        if (!properties["cursor"]) return [];
        const sorts = properties["sort"]?.enum ?? [undefined];
        return [{ name: `v1.${service}.${action}`, service, sorts, required, isInner: auth === "service" }];
      },
    ),
  );
}

/** One value of each kind that JSON has, and those that a database might trip over. */
const values = [
  null,
  true,
  {},
  [],
  "",
  "x",
  "\0",
  "\ud800",
  "1",
  newId(),
  "2026-01-01T00:00:00.000Z",
  1,
  -1,
  1.5,
  2 ** 53,
  1e308,
];
const words = ["newest", "price", "-price", "name", "__proto__"];
const positions: readonly unknown[] = [
  null,
  "x",
  {},
  [],
  ...values.map((one) => [one]),
  ...values.flatMap((one) => [
    [one, newId()],
    [newId(), one],
  ]),
  ...words.flatMap((word) =>
    values.flatMap((one) => [
      [word, one, newId()],
      [word, 1, one],
      [word, "x", one],
    ]),
  ),
  [newId(), newId(), newId(), newId()],
];
const encode = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString("base64url");
const cursors = [
  ...positions.map(encode),
  "~",
  "W10",
  "A".repeat(2000),
  Buffer.from([0xff, 0xfe]).toString("base64url"),
];

/** What can be right somewhere: an id, a number, both, two ids, or the key of an order of the catalogue. */
const mayBeRight = (position: unknown): boolean => {
  if (!Array.isArray(position)) return false;
  const [first, key, id] = position as unknown[];
  const isNumber = Number.isSafeInteger(first) && (first as number) >= 0;
  if (position.length === 1) return isNumber || isId(first);
  if (position.length === 2) return (isNumber || isId(first)) && isId(key);
  if (position.length !== 3 || !isId(id)) return false;
  if (first === "price" || first === "-price") return Number.isSafeInteger(key) && (key as number) >= 0;
  return (first === "newest" || first === "name") && typeof key === "string" && !/[\0\ud800]/.test(key);
};
const isId = (value: unknown): boolean => typeof value === "string" && /^[\da-f-]{36}$/.test(value);

const decode = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
};

it("are refused with VALIDATION_FAILED by every list, or are positions that could have been given out", async () => {
  const found = lists();
  expect(found.length).toBeGreaterThan(10);
  const wrong: unknown[] = [];
  expect(found.some(({ isInner }) => isInner)).toBe(true);
  const inner = allServices.asService(admin.id) as unknown as { call(name: string, params: object): Promise<unknown> };
  for (const { name, service, sorts, required, isInner } of found) {
    const given = { id: ids[name] ?? ids[service], since: 0 };
    for (const sort of sorts) {
      const params = { ...(sort && { sort }), ...Object.fromEntries(required.map((one) => [one, given[one as "id"]])) };
      for (const cursor of cursors) {
        const asked = isInner
          ? inner.call(name.replace("v1.", ""), { ...params, cursor })
          : allServices.broker.call(name, { ...params, cursor }, { meta: { accessToken: admin.token } });
        const answer = await asked.then(
          () => 200,
          ({ type }: { type: string }) => type,
        );
        const right = answer === "VALIDATION_FAILED" || (answer === 200 && mayBeRight(decode(cursor)));
        if (!right) wrong.push([name, sort, cursor, decode(cursor), answer]);
      }
    }
  }
  expect(wrong).toEqual([]);
});

it("goes on by its own cursor in every order of the catalogue, however long the names are", async () => {
  for (let made = 0; made < 3; made += 1) await allServices.product(undefined, 1, "가".repeat(200));
  for (const sort of ["newest", "price", "-price", "name"] as const) {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await admin.call("product.list", { sort, limit: 1, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect([sort, new Set(seen).size, seen.length]).toEqual([sort, 4, 4]);
  }
});
