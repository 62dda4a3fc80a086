/** Removed methods that the provider still keeps. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("removed_methods")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("token", "text", (column) => column.notNull())
    .addColumn("check_at", "bigint", (column) => column.notNull())
    .addColumn("removed_at", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("removed_methods_check").on("removed_methods").column("check_at").execute();
}
