/** What the depot has held, and how often it was asked to. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("reservations")
    .addColumn("order_id", "text", (column) => column.primaryKey())
    .addColumn("article", "text", (column) => column.notNull())
    .addColumn("seq", "integer", (column) => column.notNull())
    .addColumn("way", "text", (column) => column.notNull())
    .addColumn("at", "real", (column) => column.notNull())
    .addColumn("times", "integer", (column) => column.notNull())
    .execute();
}
