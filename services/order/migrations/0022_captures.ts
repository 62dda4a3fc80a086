/** Captures at shipment: what of an order's money is authorized and not captured, and each part that is captured. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("orders")
    // Authorized, and neither captured nor given up. Null for an order whose money is captured when it is placed.
    .addColumn("uncaptured", "bigint", (column) => column.check(sql`uncaptured >= 0`))
    .execute();
  await db.schema
    .alterTable("order_refunds")
    // The part of the amount that is not paid back, because it was never captured.
    .addColumn("uncaptured", "bigint", (column) =>
      column
        .notNull()
        .defaultTo(0)
        .check(sql`uncaptured between 0 and amount`),
    )
    .execute();
  await db.schema
    .createTable("order_captures")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("order_id", "text", (column) => column.notNull().references("orders.id"))
    // The parcel that waits for it, and the state in which it is when the money is captured; null for the rest of a payment.
    .addColumn("shipment_id", "text")
    .addColumn("target", "text", (column) => column.check(sql`target in ('shipped', 'delivered', 'lost')`))
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn("is_final", "integer", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull().check(sql`state in ('pending', 'done', 'failed')`))
    .addColumn("reason", "text")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("ended_at", "text", (column) => column.check(sql`(ended_at is null) = (state = 'pending')`))
    .execute();
  await db.schema.createIndex("order_captures_by_order").on("order_captures").columns(["order_id", "id"]).execute();
  // A parcel waits for one capture at a time.
  await db.schema
    .createIndex("order_captures_pending")
    .unique()
    .on("order_captures")
    .column("shipment_id")
    .where(sql<boolean>`state = 'pending' and shipment_id is not null`)
    .execute();
}
