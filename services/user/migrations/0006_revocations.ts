/** Stores revoked sessions and rights for all nodes, and an index that counts administrators quickly. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("revocations")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("roles", "text")
    .addColumn("revoked_at", "bigint", (column) => column.notNull())
    .addColumn("until", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("revocations_by_time").on("revocations").columns(["revoked_at", "id"]).execute();
  await db.schema.createIndex("revocations_by_end").on("revocations").column("until").execute();
  await db.schema
    .createIndex("users_admins")
    .on("users")
    .column("id")
    .where(sql`roles like '%"admin"%' and deleted_at is null` as never)
    .execute();
}
