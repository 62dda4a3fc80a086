/** The rules of prices, stock, search and pages, without storage. */
import Type from "typebox";
import { decodeCursor, Key, positions } from "#core/cursor.ts";
import { folded } from "#core/folding.ts";
import { Id } from "#core/schema.ts";
import { product } from "./product.contract.ts";

export type MovementKind = "initial" | "adjustment" | "reserve" | "release" | "expire" | "commit" | "return";
export type ReservationState = "held" | "committed" | "released" | "expired";

export interface Line {
  readonly productId: string;
  readonly quantity: number;
}

/** The effect of one unit of an order's line on the stock on hand and on the held units. */
export const effects = {
  reserve: { onHand: 0, held: 1 },
  release: { onHand: 0, held: -1 },
  expire: { onHand: 0, held: -1 },
  commit: { onHand: -1, held: -1 },
  return: { onHand: 1, held: 0 },
} as const satisfies Partial<Record<MovementKind, { onHand: number; held: number }>>;

/** How the stock comes back when a reservation of this state is released; null when it has come back already. */
export const comingBack = {
  held: "release",
  committed: "return",
  released: null,
  expired: null,
} as const satisfies Record<ReservationState, keyof typeof effects | null>;

/** One line per product, sorted by product id, so that all transactions lock products in the same order. */
export function mergeLines(lines: readonly Line[]): Line[] {
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of lines) {
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  }
  const merged = Array.from(quantities, ([productId, quantity]) => ({ productId, quantity }));
  return merged.toSorted((a, b) => (a.productId < b.productId ? -1 : 1));
}

/** Milliseconds. Clocks differ a little, and a request takes a while. */
const TOLERANCE = 60_000;

/**
 * When a price begins, in milliseconds since the epoch.
 * @param from RFC 3339; the default is now
 * @throws PRICE_IN_PAST because past prices are history and must not change
 */
export function beginOf(from: string | undefined, now: number): number {
  const asked = from === undefined ? now : Date.parse(from);
  if (asked < now - TOLERANCE) throw product.error("PRICE_IN_PAST");
  return Math.max(asked, now);
}

/** The text that a search looks in. */
export const searchText = (name: string, description: string): string => folded(`${name}\n${description}`);

/** The position where the page before ended, in lists ordered by one number. @throws VALIDATION_FAILED */
export const numberIn = (cursor: string | undefined): number | undefined => decodeCursor(cursor, positions.number)?.[0];

/** The position where the page before ended, in the catalogue with this order. @throws VALIDATION_FAILED */
export function keyIn(cursor: string | undefined, order: string): { key: string | number; id: string } | null {
  const key = order.endsWith("price") ? positions.number.items[0] : Key;
  const position = decodeCursor(cursor, Type.Tuple([Type.Literal(order), key, Id]));
  return position && { key: position[1], id: position[2] };
}
