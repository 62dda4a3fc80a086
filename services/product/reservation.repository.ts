/** The SQL of reservations. */
import { integerValue, rowsIn } from "#mixins/database/rows.ts";
import { columns } from "#mixins/database/statement.ts";
import { dueIn } from "#mixins/queue/due.ts";
import { type ProductTables, sql } from "./product.tables.ts";

type Row = ProductTables["reservations"];

export const insertReservation = sql((q, p: Row) =>
  q
    .insertInto("reservations")
    .values(columns(p, "order_id", "state", "request_hash", "expires_at"))
    .onConflict((one) => one.column("order_id").doNothing()),
);

/** Inserts nothing when a product is not on sale, or in variants alone. */
export const insertItems = sql((q, p: { order_id: string; lines: string }) =>
  q
    .insertInto("reservation_items")
    .columns(["order_id", "product_id", "quantity"])
    .expression(
      q
        .selectFrom(rowsIn(p.lines))
        .innerJoin("products", "products.id", "given.key")
        .select((e) => [e.val(p.order_id).as("order_id"), "products.id", integerValue.as("quantity")])
        .where("archived_at", "is", null)
        .where("options", "is", null),
    ),
);

/** The first line whose product is not on sale. */
export const findMissing = sql((q, p: { lines: string }) =>
  q
    .selectFrom(rowsIn(p.lines))
    .leftJoin("products", (join) =>
      join.onRef("products.id", "=", "given.key").on("archived_at", "is", null).on("options", "is", null),
    )
    .select("given.key as productId")
    .where("products.id", "is", null)
    .orderBy("given.key")
    .limit(1),
);

export const listItems = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("reservation_items")
    .select(["product_id as productId", "quantity"])
    .where("order_id", "=", p.order_id)
    .orderBy("product_id"),
);

/** Changes nothing when it was done before. */
export const insertRelease = sql((q, p: ProductTables["item_releases"]) =>
  q
    .insertInto("item_releases")
    .values(columns(p, "id", "order_id"))
    .onConflict((one) => one.column("id").doNothing()),
);
type Units = { order_id: string; product_id: string; quantity: number };
/** All units of a line; some of them are `takeOff`. */
export const removeItem = sql((q, p: Units) =>
  q
    .deleteFrom("reservation_items")
    .where("order_id", "=", p.order_id)
    .where("product_id", "=", p.product_id)
    .where("quantity", "=", p.quantity),
);
export const takeOff = sql((q, p: Units) =>
  q
    .updateTable("reservation_items")
    .set((e) => ({ quantity: e("quantity", "-", p.quantity) }))
    .where("order_id", "=", p.order_id)
    .where("product_id", "=", p.product_id)
    .where("quantity", ">", p.quantity),
);

/** Updates the row without a change, so that others who update it must wait. */
export const lock = sql((q, p: { order_id: string }) =>
  q
    .updateTable("reservations")
    .set((e) => ({ state: e.ref("state") }))
    .where("order_id", "=", p.order_id)
    .returning(["state", "request_hash"]),
);

export const setState = sql((q, p: Pick<Row, "order_id" | "state" | "expires_at">) =>
  q
    .updateTable("reservations")
    .set(columns(p, "state", "expires_at"))
    .where("order_id", "=", p.order_id),
);

export const commitHeld = sql((q, p: { order_id: string }) =>
  q
    .updateTable("reservations")
    .set({ state: "committed", expires_at: null })
    .where("order_id", "=", p.order_id)
    .where("state", "=", "held"),
);

/** Changes nothing when the reservation was renewed or has ended meanwhile. */
export const expireDue = sql((q, p: { order_id: string; now: number }) =>
  q
    .updateTable("reservations")
    .set({ state: "expired", expires_at: null })
    .where("order_id", "=", p.order_id)
    .where("expires_at", "<=", p.now),
);

/** Reservations that are held beyond their time. */
export const overdue = dueIn<ProductTables>()("reservations", "expires_at");

export const listDueOf = sql((q, p: { product_id: string; now: number }) =>
  q
    .selectFrom("reservations as r")
    .innerJoin("reservation_items as i", "i.order_id", "r.order_id")
    .select("r.order_id")
    .where("expires_at", "<=", p.now)
    .where("product_id", "=", p.product_id)
    .orderBy("expires_at"),
);
