/** Invoices of what was captured for orders, and credit notes of what was refunded. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("order_invoices")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("order_id", "text", (column) => column.notNull().references("orders.id"))
    .addColumn("number", "text", (column) => column.notNull().unique())
    .addColumn("kind", "text", (column) => column.notNull().check(sql`kind in ('invoice', 'credit_note')`))
    .addColumn("corrects", "text", (column) =>
      column.references("order_invoices.id").check(sql`(corrects is null) = (kind = 'invoice')`),
    )
    // Of the payment service: a refund has one credit note.
    .addColumn("refund_id", "text", (column) => column.unique())
    .addColumn("total", "bigint", (column) => column.notNull().check(sql`total > 0`))
    .addColumn("tax", "bigint", (column) => column.notNull().check(sql`tax >= 0`))
    // JSON.
    .addColumn("lines", "text", (column) => column.notNull())
    .addColumn("taxes", "text", (column) => column.notNull())
    // Null when the customer's personal data is erased.
    .addColumn("billing", "text")
    .addColumn("issued_at", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("order_invoices_by_order").on("order_invoices").columns(["order_id", "id"]).execute();
}
