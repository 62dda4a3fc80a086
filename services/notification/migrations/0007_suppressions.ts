/** Addresses to which nothing is sent, because it came back; and how old messages are found. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("suppressions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("channel", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("user_id", "text")
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addUniqueConstraint("suppressions_once", ["channel", "hash"])
    .execute();
  await db.schema.createIndex("suppressions_by_user").on("suppressions").column("user_id").execute();
  await db.schema.createIndex("suppressions_by_time").on("suppressions").column("created_at").execute();
  await db.schema.createIndex("deliveries_by_time").on("deliveries").column("created_at").execute();
}
