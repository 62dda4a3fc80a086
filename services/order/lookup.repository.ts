/** The information about orders that other services get. */
import type { Output } from "#core/contract.ts";
import type { Executor } from "#mixins/database/database.ts";
import type { Order } from "./answer.contract.ts";
import { linkOf, writeToken } from "./guest.model.ts";
import * as guests from "./guest.repository.ts";
import { config } from "./order.config.ts";
import type { OrderTables } from "./order.repository.ts";

/** With the link, which is made when it is sent and stored nowhere. */
function toGuest(row: guests.Found | undefined) {
  if (!row) return {};
  const { guest_id: userId, email, language, order_id, number } = row;
  const token = writeToken(order_id);
  return { guest: { userId, email, language, link: linkOf(config.ORDER_GUEST_PAGE, number!, token), token } };
}

/** Without their lines, because those of a hundred orders would be too large for one message. */
export async function lookup(
  db: Executor<OrderTables>,
  ids: readonly string[],
): Promise<Output<"order.lookup">["items"]> {
  const rows = await db.query
    .selectFrom("orders")
    .select(["id", "number", "created_at", "shipping", "tax as all_tax", "total", "currency", "shipping_address"])
    .select((e) =>
      e
        .selectFrom("order_items")
        .whereRef("order_id", "=", "orders.id")
        .select((o) => o.fn.sum("tax").as("sum"))
        .as("tax"),
    )
    .where("id", "in", ids)
    .execute();
  const guestOf = await guests.lookup(db, ids);
  return rows.map(
    ({ id, number, created_at: createdAt, shipping, all_tax, total, tax, currency, shipping_address }) => ({
      id,
      ...(number !== null && { number }),
      createdAt,
      total: { amount: total, currency },
      ...(shipping !== null && { shipping: { amount: shipping, currency } }),
      tax: { amount: all_tax ?? Number(tax), currency },
      shippingAddress: JSON.parse(shipping_address) as Order["shippingAddress"],
      ...toGuest(guestOf.get(id)),
    }),
  );
}
