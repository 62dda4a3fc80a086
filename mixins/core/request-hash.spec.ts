import { requestHash } from "./request-hash.ts";

describe("requestHash", () => {
  it("is the same whatever the order of the fields, and without those that are undefined", () => {
    expect(requestHash({ a: 1, b: { c: [1, 2], d: null } })).toBe(
      requestHash({ b: { d: null, c: [1, 2], e: undefined }, a: 1 }),
    );
  });

  it.each<[unknown, unknown]>([
    [{ a: 1 }, { a: "1" }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: null }, {}],
    [{ a: { b: 1 } }, { "a.b": 1 }],
    [{ a: [1, [2]] }, { a: [[1], 2] }],
    [{ a: '","b":"' }, { a: "", b: "" }],
    [[], {}],
  ])("tells %j from %j", (one, other) => expect(requestHash(one)).not.toBe(requestHash(other)));
});
