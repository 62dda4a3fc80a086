/** Pages of lists: where one ended, in a form that promises nothing, and how much goes into one. */
import Type, { type Static, type TSchema } from "typebox";
import { Check } from "typebox/value";
import { sharedError } from "./errors.ts";
import { Id } from "./schema.ts";

/** What a request for a page says: the cursor of the page before, and how many items it wants. */
export interface Paging {
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

export interface PageOf<Item> {
  items: Item[];
  nextCursor: string | null;
}

type Position = readonly (string | number)[];

/** What a position holds, by the order of the list. Each value compares alike on SQLite and PostgreSQL. */
export const positions = {
  id: Type.Tuple([Id]),
  number: Type.Tuple([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })]),
};
/** Text as a column may hold it: PostgreSQL takes neither U+0000 nor half a character. */
export const Key = Type.String({ pattern: "^[^\\u0000\\ud800-\\udfff]*$" });

/** The other way round of `decodeCursor`. */
export const encodeCursor = (position: Position): string => Buffer.from(JSON.stringify(position)).toString("base64url");

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}

/** The refusal of what is no position of a list. */
export const notOfThisList = () =>
  sharedError("VALIDATION_FAILED", {
    errors: [
      { pointer: "/cursor", detail: { en: "is not a cursor of this list", ko: "이 목록에서 받은 커서가 아닙니다" } },
    ],
  });

/**
 * Anybody can write a cursor, so its values are checked before a database compares them with a column.
 * @param shape of a position in this list, such as `positions.id`
 * @throws VALIDATION_FAILED when it is no position of this list
 */
export function decodeCursor<T extends TSchema>(cursor: string | undefined, shape: T): Static<T> | null {
  if (cursor === undefined) return null;
  const position = parse(cursor);
  if (Check(shape, position)) return position;
  throw notOfThisList();
}

/** Bytes that a list takes in one answer: NATS carries a message of 1 MiB, with everything around the list. */
const BUDGET = 512 * 1024;

/** As many items, from the first on, as one answer can carry; one in any case. */
export function fitting<Item>(items: readonly Item[]): Item[] {
  let bytes = 0;
  const end = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return index > 0 && bytes > BUDGET;
  });
  return end < 0 ? [...items] : items.slice(0, end);
}

/**
 * A page may end before `limit` when its items are long; `nextCursor` goes on there.
 * @param rows one more than `limit` when there is a next page
 */
export function page<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  positionOf: (row: Row) => Position,
): PageOf<Item> {
  const items = fitting(rows.slice(0, limit).map(toItem));
  const last = rows[items.length - 1];
  return { items, nextCursor: rows.length > items.length && last ? encodeCursor(positionOf(last)) : null };
}
