/** Cursors of the product lists: each is good for the list and the order it came from. */
import { decodeCursor } from "#core/cursor.ts";
import { sharedError } from "#core/errors.ts";

const foreign = () =>
  sharedError("VALIDATION_FAILED", { errors: [{ pointer: "/cursor", detail: "is not a cursor of this list" }] });

/**
 * Where the page before ended, in lists ordered by one number.
 * @throws VALIDATION_FAILED
 */
export function numberIn(cursor: string | undefined): number | undefined {
  const position = decodeCursor(cursor, 1);
  if (!position) return undefined;
  const [number] = position as [number];
  if (!Number.isSafeInteger(number) || number < 0) throw foreign();
  return number;
}

/**
 * Where the page before ended, in the catalogue in this order.
 * @throws VALIDATION_FAILED
 */
export function keyIn(cursor: string | undefined, order: string): { key: string | number; id: string } | null {
  const position = decodeCursor(cursor, 3);
  if (!position) return null;
  const [of, key, id] = position;
  if (of !== order || typeof id !== "string") throw foreign();
  return { key: key!, id };
}
