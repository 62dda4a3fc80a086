/** Opaque cursors: where a page ended, in a form that promises nothing. */
import { sharedError } from "./errors.ts";

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

const encode = (position: Position): string => Buffer.from(JSON.stringify(position)).toString("base64url");

/**
 * @param width how many values a position of this list has
 * @throws VALIDATION_FAILED when nobody here made this cursor
 */
export function decodeCursor(cursor: string | undefined, width: number): Position | null {
  if (cursor === undefined) return null;
  try {
    const position = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown;
    const whole = Array.isArray(position) && position.length === width;
    if (whole && position.every((one) => typeof one === "string" || typeof one === "number")) return position;
  } catch {
    // Told below, like every cursor that is not ours.
  }
  throw sharedError("VALIDATION_FAILED", { errors: [{ pointer: "/cursor", detail: "is not a cursor of this list" }] });
}

/** @param rows one more than `limit` when there is a next page */
export function page<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  positionOf: (row: Row) => Position,
): PageOf<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), nextCursor: rows.length > limit && last ? encode(positionOf(last)) : null };
}
