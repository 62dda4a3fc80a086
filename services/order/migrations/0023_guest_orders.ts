/** Orders of guests: where their e-mails go, until somebody claims the order or its time is over. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("guest_orders")
    .addColumn("order_id", "text", (column) => column.primaryKey().references("orders.id"))
    // Whom the order belongs to as long as nobody has claimed it: the holder of a cart's token.
    .addColumn("guest_id", "text", (column) => column.notNull())
    // In the one spelling of its mailbox.
    .addColumn("email", "text", (column) => column.notNull())
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("guest_orders_by_email").on("guest_orders").columns(["email", "created_at"]).execute();
  await db.schema.createIndex("guest_orders_by_time").on("guest_orders").column("created_at").execute();
}
