/** Daily reports: the provider's list of a day beside our books, and what differs between them. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("reports")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("day", "text", (column) => column.notNull())
    .addColumn("totals", "text", (column) => column.notNull())
    .addColumn("differences", "integer", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addUniqueConstraint("reports_day", ["provider", "day"])
    .execute();

  await db.schema
    .createTable("report_differences")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("day", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("charge", "text", (column) => column.notNull())
    .addColumn("payment_id", "text", (column) => column.references("payments.id"))
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("our_captured", "bigint", (column) => column.notNull())
    .addColumn("our_refunded", "bigint", (column) => column.notNull())
    .addColumn("their_captured", "bigint", (column) => column.notNull())
    .addColumn("their_refunded", "bigint", (column) => column.notNull())
    .addColumn("note", "text")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("settled_at", "text")
    .addUniqueConstraint("report_differences_charge", ["provider", "day", "charge"])
    .execute();
  await db.schema
    .createIndex("report_differences_open")
    .on("report_differences")
    .column("id")
    .where("settled_at" as never, "is", null)
    .execute();
}
