/** The SQL of a cart's lines. A removed line stays for a while as one of no units, with the version that removed it. */
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { REMEMBERED, type Units, type Holder } from "./cart.model.ts";
import type { CartItemRow, CartRow } from "./cart.projection.ts";
import type { Db, OrderTables, Tx } from "./order.repository.ts";

const sql = statements<OrderTables>();

const listItems = sql((q, p: { cart_id: string }) =>
  q
    .selectFrom("cart_items")
    .selectAll()
    .where("cart_id", "=", p.cart_id)
    .where("quantity", ">", 0)
    .orderBy("added")
    .orderBy("product_id"),
);
const findItem = sql((q, p: { cart_id: string; product_id: string }) =>
  q.selectFrom("cart_items").selectAll().where("cart_id", "=", p.cart_id).where("product_id", "=", p.product_id),
);
const putItem = sql((q, p: CartItemRow) =>
  q
    .insertInto("cart_items")
    .values(columns(p, "cart_id", "product_id", "quantity", "unit_price", "added", "version"))
    .onConflict((one) =>
      one.columns(["cart_id", "product_id"]).doUpdateSet((e) => ({
        quantity: e.ref("excluded.quantity"),
        unit_price: e.ref("excluded.unit_price"),
        added: e.ref("excluded.added"),
        version: e.ref("excluded.version"),
      })),
    ),
);
const removeAll = sql((q, p: { cart_id: string; version: number }) =>
  q
    .updateTable("cart_items")
    .set({ quantity: 0, version: p.version })
    .where("cart_id", "=", p.cart_id)
    .where("quantity", ">", 0),
);
const removeAllOfUser = sql((q, p: { user_id: string; version: number }) =>
  q
    .updateTable("cart_items")
    .set({ quantity: 0, version: p.version })
    .where("cart_id", "=", (e) => e.selectFrom("carts").select("id").where("user_id", "=", p.user_id))
    .where("quantity", ">", 0),
);
const removeAllOfToken = sql((q, p: { token_hash: string; version: number }) =>
  q
    .updateTable("cart_items")
    .set({ quantity: 0, version: p.version })
    .where("cart_id", "=", (e) => e.selectFrom("carts").select("id").where("token_hash", "=", p.token_hash))
    .where("quantity", ">", 0),
);
const forgetOld = sql((q, p: { cart_id: string; before: number }) =>
  q.deleteFrom("cart_items").where("cart_id", "=", p.cart_id).where("quantity", "=", 0).where("version", "<", p.before),
);

/** In the order in which they came. */
export const list = (db: Db, { id }: CartRow): Promise<CartItemRow[]> => db.all(listItems, { cart_id: id });

/** A line, also one that was removed; undefined for one that was never there. */
export const find = (tx: Tx, { id }: CartRow, productId: string): Promise<CartItemRow | undefined> =>
  tx.one(findItem, { cart_id: id, product_id: productId });

export const put = (row: CartItemRow): Write => putItem.with(row);

export const clear = ({ id, version }: CartRow): Write => removeAll.with({ cart_id: id, version });
export const clearOf = (holder: Holder, version: number): Write =>
  "userId" in holder
    ? removeAllOfUser.with({ user_id: holder.userId, version })
    : removeAllOfToken.with({ token_hash: holder.tokenHash, version });

export const unitsOf = ({ product_id: productId, quantity }: CartItemRow): Units => ({ productId, quantity });

/** Forgets lines that were removed long ago. */
export const forgetRemoved = ({ id, version }: CartRow): Write =>
  forgetOld.with({ cart_id: id, before: version - REMEMBERED });
