import Type from "typebox";
import { decodeCursor, Key, page, type PageOf, positions } from "./cursor.ts";
import { isError } from "./errors.ts";

const shape = Type.Tuple([Key, positions.number.items[0]]);
const rows = [1, 2, 3, 4, 5].map((number) => ({ at: `2026-01-0${number}`, number }));
const after = (cursor?: string) => {
  const position = decodeCursor(cursor, shape);
  const rest = position ? rows.filter(({ number }) => number > position[1]) : rows;
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

  it("ends before its limit when the items are long, and goes on there", () => {
    const long = Array.from({ length: 100 }, (_, number) => ({ number, text: "가".repeat(10_000) }));
    const seen: number[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const found = long.filter(({ number }) => seen.length === 0 || number > seen.at(-1)!);
      const { items, nextCursor }: PageOf<(typeof long)[number]> = page(
        found.slice(0, 36),
        35,
        (row) => row,
        ({ number }) => [number],
      );
      expect(Buffer.byteLength(JSON.stringify(items))).toBeLessThanOrEqual(512 * 1024);
      seen.push(...items.map(({ number }) => number));
      cursor = nextCursor;
    }
    expect(seen).toEqual(long.map(({ number }) => number));
  });

  it("holds one item in any case", () => {
    const long = ["가".repeat(300_000), "나".repeat(300_000)];
    expect(page(long, 2, String, () => [1])).toMatchObject({
      items: [long[0]],
      nextCursor: expect.any(String) as string,
    });
    expect(page(long.slice(1), 2, String, () => [1])).toEqual({ items: [long[1]], nextCursor: null });
  });

  it("makes cursors that need no escaping in a query", () => {
    expect(page(["나무?&", "x"], 1, String, (row) => [row]).nextCursor).toMatch(/^[\w-]+$/);
  });
});

describe("decodeCursor", () => {
  it("reads no cursor as the beginning", () => expect(decodeCursor(undefined, shape)).toBeNull());

  it.each([
    ["a text", "hello"],
    ["nothing", ""],
    ["another width", Buffer.from("[1]").toString("base64url")],
    ["an object", Buffer.from("{}").toString("base64url")],
    ["values that are no positions", Buffer.from('[{"$gt":1},null]').toString("base64url")],
  ])("refuses %s", (_, cursor) => {
    const decode = () => decodeCursor(cursor, shape);
    expect(decode).toThrow("The request is not valid");
    try {
      decode();
    } catch (error) {
      expect(isError(error, "VALIDATION_FAILED")).toBe(true);
      const detail = { en: expect.any(String), ko: expect.stringMatching(/[가-힣]/) };
      expect(error).toMatchObject({ data: { errors: [{ pointer: "/cursor", detail }] } });
    }
  });
});
