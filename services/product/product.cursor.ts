/** Cursors of the product lists. Each is valid for one list and one order. */
import Type from "typebox";
import { decodeCursor, Key, positions } from "#core/cursor.ts";
import { Id } from "#core/schema.ts";

/**
 * The position where the page before ended, in lists ordered by one number.
 * @throws VALIDATION_FAILED
 */
export const numberIn = (cursor: string | undefined): number | undefined => decodeCursor(cursor, positions.number)?.[0];

/**
 * The position where the page before ended, in the catalogue with this order.
 * @throws VALIDATION_FAILED
 */
export function keyIn(cursor: string | undefined, order: string): { key: string | number; id: string } | null {
  const key = order.endsWith("price") ? positions.number.items[0] : Key;
  const position = decodeCursor(cursor, Type.Tuple([Type.Literal(order), key, Id]));
  return position && { key: position[1], id: position[2] };
}
