/** Pages of lists: the cursor that marks the end of a page, and how many items fit into one answer. */
import Type, { type Static, type TSchema } from "typebox";
import { Check } from "typebox/value";
import { sharedError } from "./errors.ts";
import { Id } from "./schema.ts";

/** What a request for a page holds: the cursor of the page before, and the number of items. */
export interface Paging {
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

export interface PageOf<Item> {
  items: Item[];
  nextCursor: string | null;
}

type Position = readonly (string | number)[];

/** The shapes of positions, by the order of the list. Each value compares alike on SQLite and PostgreSQL. */
export const positions = {
  id: Type.Tuple([Id]),
  number: Type.Tuple([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })]),
};
/** Text that a column can hold: PostgreSQL accepts neither U+0000 nor half a surrogate pair. */
export const Key = Type.String({ pattern: "^[^\\u0000\\ud800-\\udfff]*$" });

export const encodeCursor = (position: Position): string => Buffer.from(JSON.stringify(position)).toString("base64url");

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}

/** The error for a cursor that is no position of this list. */
export const notOfThisList = () =>
  sharedError("VALIDATION_FAILED", {
    errors: [
      { pointer: "/cursor", detail: { en: "is not a cursor of this list", ko: "이 목록에서 받은 커서가 아닙니다" } },
    ],
  });

/**
 * Reads a cursor. Clients can forge cursors, so the values are checked before a database compares them with a column.
 * @param shape of a position in this list, such as `positions.id`
 * @throws VALIDATION_FAILED when it is no position of this list
 */
export function decodeCursor<T extends TSchema>(cursor: string | undefined, shape: T): Static<T> | null {
  if (cursor === undefined) return null;
  const position = parse(cursor);
  if (Check(shape, position)) return position;
  throw notOfThisList();
}

/** Bytes of a list in one answer. A NATS message carries 1 MiB, with everything around the list. */
const BUDGET = 512 * 1024;

/** The longest run of items from the first on that one answer can carry; at least one item. */
export function fitting<Item>(items: readonly Item[]): Item[] {
  let bytes = 0;
  const end = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return index > 0 && bytes > BUDGET;
  });
  return end < 0 ? [...items] : items.slice(0, end);
}

/**
 * Makes one page. It may end before `limit` when its items are long; `nextCursor` then continues there.
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
