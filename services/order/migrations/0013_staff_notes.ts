/** What customers and staff write about an order, and how staff find orders by their state. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("orders").addColumn("note", "text").execute();
  await db.schema.createIndex("orders_by_status").on("orders").columns(["status", "id"]).execute();
  await db.schema
    .createTable("staff_notes")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("order_id", "text", (column) => column.notNull().references("orders.id"))
    .addColumn("author_id", "text", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("staff_notes_by_order").on("staff_notes").columns(["order_id", "id"]).execute();
}
