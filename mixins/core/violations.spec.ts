import Type, { type TSchema } from "typebox";
import { Country, Id, Money, Strict, Text } from "./schema.ts";
import { violationsOf } from "./violations.ts";

const Line = Strict({ productId: Id, quantity: Type.Integer({ minimum: 1 }) });
const Order = Strict({ items: Type.Array(Line, { minItems: 1, maxItems: 1000 }), note: Type.Optional(Text(5)) });

const pointers = (schema: TSchema, value: unknown) => violationsOf(schema, value).map(({ pointer }) => pointer);
const details = (schema: TSchema, value: unknown) => violationsOf(schema, value).map(({ detail }) => detail);

/** A list that counts how many of its items were looked at. */
function counted(length: number, item: unknown) {
  let looks = 0;
  const items = new Proxy(Array<unknown>(length).fill(item), {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) looks += 1;
      return Reflect.get(target, key) as unknown;
    },
  });
  return { items, looks: () => looks };
}

describe("violations", () => {
  it("are eight at most, and nothing behind the eighth is looked at", () => {
    const { items, looks } = counted(1000, 1);
    expect(pointers(Order, { items })).toEqual(Array.from({ length: 8 }, (_, index) => `/items/${index}`));
    expect(looks()).toBeLessThan(10);
  });

  it("tell a list that is too long by its length, whatever is in it", () => {
    const { items, looks } = counted(120_000, 1);
    expect(violationsOf(Order, { items })).toEqual([{ pointer: "/items", detail: "must have at most 1000 items" }]);
    expect(looks()).toBe(0);
  });

  it("tell a text that is too long by its length, whatever is in it", () => {
    const right = { productId: crypto.randomUUID(), quantity: 1 };
    for (const note of ["4242424242424242 ".repeat(7000), "\0".repeat(11)]) {
      expect(violationsOf(Order, { items: [right], note })).toEqual([
        { pointer: "/note", detail: "must have at most 5 characters" },
      ]);
    }
    expect(details(Order, { items: [right], note: "\0".repeat(6) })).toHaveLength(2);
  });

  it("name the first of many unknown fields, each as far as a name goes", () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, {}]));
    const [first, ...rest] = violationsOf(Order, { items: [{ productId: crypto.randomUUID(), quantity: 1 }], ...many });
    expect(first).toEqual({
      pointer: "",
      detail: "must not have f0, f1, f2, f3, f4, f5, f6, f7",
    });
    expect(rest).toEqual([]);
    expect(details(Strict({}), { ["x".repeat(10_000)]: 1 })[0]).toHaveLength(114);
  });

  it("name what is missing beside what is unknown, and what is inside", () => {
    expect(pointers(Order, { note: "much too long", items: [{ quantity: 0, __proto__x: 1 }] })).toEqual([
      "/items/0",
      "/items/0",
      "/items/0/quantity",
      "/note",
    ]);
  });

  it("do not take what every object has for a field", () => {
    expect(details(Strict({ toString: Text(5) }), {})).toEqual(["must have toString"]);
    expect(details(Strict({}), JSON.parse('{"__proto__":1,"constructor":2}'))).toEqual([
      "must not have __proto__, constructor",
    ]);
  });

  it("tell doubles of a list that has room for them", () => {
    const Roles = Type.Array(Type.Enum(["a", "b"]), { minItems: 1, maxItems: 3, uniqueItems: true });
    expect(details(Roles, ["a", "a"])).toEqual(["must not have the same item twice"]);
    expect(details(Roles, [])).toEqual(["must have at least 1 item"]);
    expect(
      details(
        Roles,
        Array.from({ length: 20_000 }, () => ({})),
      ),
    ).toEqual(["must have at most 3 items"]);
  });

  it("of a union are those of the shape that the value has", () => {
    const Wanted = Strict({
      price: Type.Optional(Type.Union([Money, Type.Null()])),
      of: Type.Union([Text(3), Type.Null()]),
    });
    expect(violationsOf(Wanted, { price: { amount: -1, currency: "KRW" }, of: "abcd" })).toEqual([
      { pointer: "/price/amount", detail: "must be 0 or more" },
      { pointer: "/of", detail: "must have at most 3 characters" },
    ]);
    expect(violationsOf(Wanted, { price: null, of: 1 })).toEqual([{ pointer: "/of", detail: "must be text or null" }]);
    const Either = Type.Union([Strict({ a: Text(1) }), Strict({ b: Text(1) })]);
    expect(violationsOf(Either, {})).toEqual([{ pointer: "", detail: "has no shape that is allowed here" }]);
    expect(violationsOf(Either, { a: "x" })).toEqual([]);
  });

  it("are none of what is right, and escape names in pointers", () => {
    expect(violationsOf(Order, { items: [{ productId: crypto.randomUUID(), quantity: 1 }] })).toEqual([]);
    expect(pointers(Strict({ "a/b~c": Text(1) }), { "a/b~c": 1 })).toEqual(["/a~1b~0c"]);
  });

  it("speak Korean", () => {
    const Buyer = Strict({ name: Text(5), email: Type.String({ format: "email" }), country: Country });
    expect(violationsOf(Buyer, { email: "me", country: "kr", bar: 1 }, "ko")).toEqual([
      { pointer: "", detail: "필수 항목입니다: name" },
      { pointer: "", detail: "알 수 없는 항목입니다: bar" },
      { pointer: "/email", detail: "올바른 이메일 주소가 아닙니다" },
      { pointer: "/country", detail: "두 글자 국가 코드여야 합니다(예: KR)" },
    ]);
    expect(violationsOf(Order, { items: [] }, "ko")).toEqual([{ pointer: "/items", detail: "1개 이상이어야 합니다" }]);
  });
});
