/** Who may see an order: the customer who placed it, and staff. For everybody else it does not exist. */
import { type Ctx, ownerOf } from "#core/context.ts";
import type { Order } from "./answer.contract.ts";
import { order as contract } from "./order.contract.ts";
import { type Db, find } from "./order.repository.ts";

/** @throws NOT_FOUND */
export function found<T>(order: T | undefined): T {
  if (order === undefined) throw contract.error("NOT_FOUND");
  return order;
}

/** The order, if the caller may see it. @throws NOT_FOUND */
export const visible = async (db: Db, id: string, ctx: Ctx): Promise<Order> => found(await find(db, id, ownerOf(ctx)));
