import { decodeCursor, page } from "./cursor.ts";
import { isError } from "./errors.ts";

const rows = [1, 2, 3, 4, 5].map((number) => ({ at: `2026-01-0${number}`, number }));
const after = (cursor?: string) => {
  const position = decodeCursor(cursor, 2);
  const rest = position ? rows.filter(({ number }) => number > Number(position[1])) : rows;
  return page(
    rest.slice(0, 3),
    2,
    ({ number }) => number,
    ({ at, number }) => [at, number],
  );
};

describe("page", () => {
  it("leads through a list, each item once", () => {
    const first = after();
    const second = after(first.nextCursor!);
    const third = after(second.nextCursor!);
    expect([first.items, second.items, third.items]).toEqual([[1, 2], [3, 4], [5]]);
    expect(third.nextCursor).toBeNull();
  });

  it("ends on an exact fit, and on an empty list", () => {
    expect(page([1, 2], 2, String, (row) => [row])).toEqual({ items: ["1", "2"], nextCursor: null });
    expect(page([], 2, String, () => [0])).toEqual({ items: [], nextCursor: null });
  });

  it("makes cursors that need no escaping in a query", () => {
    expect(page(["나무?&", "x"], 1, String, (row) => [row]).nextCursor).toMatch(/^[\w-]+$/);
  });
});

describe("decodeCursor", () => {
  it("reads no cursor as the beginning", () => expect(decodeCursor(undefined, 2)).toBeNull());

  it.each([
    ["a text", "hello"],
    ["nothing", ""],
    ["another width", Buffer.from("[1]").toString("base64url")],
    ["an object", Buffer.from("{}").toString("base64url")],
    ["values that are no positions", Buffer.from('[{"$gt":1},null]').toString("base64url")],
  ])("refuses %s", (_, cursor) => {
    const decode = () => decodeCursor(cursor, 2);
    expect(decode).toThrow("The request is not valid");
    try {
      decode();
    } catch (error) {
      expect(isError(error, "VALIDATION_FAILED")).toBe(true);
      expect(error).toMatchObject({ data: { errors: [{ pointer: "/cursor" }] } });
    }
  });
});
