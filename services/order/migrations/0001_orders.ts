/** Orders, their lines, notes and quotes. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("orders")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("total", "bigint", (column) => column.notNull().check(sql`total >= 0`))
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("payment_id", "text")
    .addColumn("reason", "text")
    .addColumn("shipping_address", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("status_at", "text", (column) => column.notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("orders_by_user").on("orders").columns(["user_id", "id"]).execute();
  await db.schema
    .createIndex("orders_parked")
    .on("orders")
    .column("id")
    .where("status" as never, "=", "needs_attention")
    .execute();

  await db.schema
    .createTable("order_items")
    .addColumn("order_id", "text", (column) => column.notNull().references("orders.id"))
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("product_id", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("quantity", "integer", (column) => column.notNull().check(sql`quantity > 0`))
    .addColumn("unit_price", "bigint", (column) => column.notNull())
    .addColumn("line_total", "bigint", (column) => column.notNull())
    .addColumn("tax", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("order_items_pk", ["order_id", "position"])
    .execute();

  await db.schema
    .createTable("order_notes")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("order_id", "text", (column) => column.notNull().references("orders.id"))
    .addColumn("at", "text", (column) => column.notNull())
    .addColumn("step", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("detail", "text")
    .execute();
  await db.schema.createIndex("order_notes_by_order").on("order_notes").columns(["order_id", "id"]).execute();

  await db.schema
    .createTable("quotes")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("items", "text", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("quotes_by_expiry").on("quotes").column("expires_at").execute();
}
