/** The states of a return, and what may be sent back. */
import { DAY } from "#core/clock.ts";
import type { Shipment } from "./answer.contract.ts";
import type { Line, Units } from "./fulfilment.model.ts";
import { order } from "./order.contract.ts";
import type { Cause, ReturnState } from "./return.contract.ts";

/** From which states staff may bring a return into another. */
const courses: Readonly<Record<"approved" | "rejected" | "received", readonly ReturnState[]>> = {
  approved: ["requested"],
  rejected: ["requested", "approved"],
  received: ["approved"],
};

/** @throws RETURN_ENDED */
export function checkMove(from: ReturnState, to: keyof typeof courses): void {
  if (!courses[to].includes(from)) throw order.error("RETURN_ENDED", { state: from });
}

interface Asked extends Units {
  readonly cause: Cause;
}

/** One line per product: the cause of the first one counts. */
export function mergeAsked(items: readonly Asked[]): Asked[] {
  const merged = new Map<string, Asked>();
  for (const item of items) {
    const { quantity = 0, cause = item.cause } = merged.get(item.productId) ?? {};
    merged.set(item.productId, { ...item, quantity: quantity + item.quantity, cause });
  }
  return [...merged.values()];
}

/**
 * @param days after its delivery within which a unit may be sent back
 * @param now milliseconds since the epoch
 * @throws NOT_RETURNABLE naming the first product of which fewer units can be sent back
 */
export function checkReturnable(
  lines: readonly Line[],
  parcels: readonly Shipment[],
  asked: readonly Units[],
  days: number,
  now: number,
): void {
  const recent = parcels.filter(
    ({ state, endedAt }) => state === "delivered" && Date.parse(endedAt!) + days * DAY >= now,
  );
  for (const { productId, quantity } of asked) {
    const line = lines.find(({ product_id }) => product_id === productId);
    const left = line ? line.delivered - line.claimed : 0;
    const arrived = recent
      .flatMap(({ items }) => items)
      .reduce((sum, item) => sum + (item.productId === productId ? item.quantity : 0), 0);
    const returnable = Math.min(left, arrived);
    if (quantity > returnable) throw order.error("NOT_RETURNABLE", { productId, returnable, days });
  }
}
