/** What customers send back. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("returns")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("order_id", "text", (column) => column.notNull().references("orders.id"))
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) =>
      column.notNull().check(sql`state in ('requested', 'approved', 'received', 'refunded', 'rejected')`),
    )
    .addColumn("note", "text")
    .addColumn("answer", "text")
    // What is paid back for it begins when it is received.
    .addColumn("refund_id", "text", (column) =>
      column.references("order_refunds.id").check(sql`(refund_id is null) = (state not in ('received', 'refunded'))`),
    )
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("returns_by_user").on("returns").columns(["user_id", "id"]).execute();
  await db.schema.createIndex("returns_by_order").on("returns").columns(["order_id", "id"]).execute();
  await db.schema.createIndex("returns_by_state").on("returns").columns(["state", "id"]).execute();
  await db.schema.createIndex("returns_by_refund").unique().on("returns").column("refund_id").execute();

  await db.schema
    .createTable("return_items")
    .addColumn("return_id", "text", (column) => column.notNull().references("returns.id"))
    .addColumn("product_id", "text", (column) => column.notNull())
    .addColumn("quantity", "integer", (column) => column.notNull().check(sql`quantity > 0`))
    .addColumn("cause", "text", (column) => column.notNull())
    .addColumn("outcome", "text", (column) => column.check(sql`outcome in ('restock', 'scrap')`))
    .addPrimaryKeyConstraint("return_items_pk", ["return_id", "product_id"])
    .execute();
}
