/** The rules of prices, stock, search and pages, without storage. */
import Type, { type Static } from "typebox";
import { decodeCursor, Key, notOfThisList, positions } from "#core/cursor.ts";
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
  /** An adjustment: what came back and is not sold again. */
  scrap: { onHand: -1, held: 0 },
} as const satisfies Partial<Record<MovementKind | "scrap", { onHand: number; held: number }>>;

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

/**
 * When a price ends, in milliseconds since the epoch; null when the next scheduled price ends it.
 * @param until RFC 3339
 * @throws PRICE_PERIOD
 */
export function endOf(until: string | undefined, startsAt: number): number | null {
  if (until === undefined) return null;
  const endsAt = Date.parse(until);
  if (endsAt <= startsAt) throw product.error("PRICE_PERIOD");
  return endsAt;
}

/** The position where the page before ended, in lists ordered by one number. @throws VALIDATION_FAILED */
export const numberIn = (cursor: string | undefined): number | undefined => decodeCursor(cursor, positions.number)?.[0];

const sorts = ["newest", "price", "-price", "name", "relevance"] as const;
type Sort = (typeof sorts)[number];
const byText = Type.Tuple([Type.Enum(["newest", "name"]), Key, Id]);
const byAmount = Type.Tuple([Type.Enum(["price", "-price"]), positions.number.items[0], Id]);
const byRank = Type.Tuple([
  Type.Literal("relevance"),
  Type.Integer({ minimum: 0, maximum: 4 }),
  positions.number.items[0],
  Id,
]);
const Position = Type.Union([byText, byAmount, byRank]);
export type Position = Static<typeof Position>;

/**
 * The order of a list, which is the best first when there are words and nobody says otherwise, and the position where the
 * page before ended.
 * @throws VALIDATION_FAILED for a cursor of another order
 */
export function placeIn(
  { sort, cursor }: { readonly sort?: Sort; readonly cursor?: string },
  hasWords: boolean,
): { readonly order: Sort; readonly position: Position | null } {
  const position = decodeCursor(cursor, Position);
  const wanted = sort === "relevance" && !hasWords ? "newest" : sort;
  // Nodes of the release before answer the newest first, also to words.
  const order = wanted ?? position?.[0] ?? (hasWords ? "relevance" : "newest");
  if ((position && position[0] !== order) || (order === "relevance" && !hasWords)) throw notOfThisList();
  return { order, position };
}
