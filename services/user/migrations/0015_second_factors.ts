/** Second factors, codes for who has lost theirs, and sign-ins that wait for a code. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("users").addColumn("second_factor_at", "text").execute();
  await db.schema
    .createTable("second_factors")
    .addColumn("user_id", "text", (column) => column.primaryKey().references("users.id"))
    .addColumn("secret", "text", (column) => column.notNull())
    .addColumn("is_confirmed", "integer", (column) => column.notNull())
    .addColumn("last_step", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("recovery_codes")
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("code_hash", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("recovery_codes_key", ["user_id", "code_hash"])
    .execute();
  await db.schema
    .createTable("challenges")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("device", "text")
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("challenges_by_user").on("challenges").column("user_id").execute();
  await db.schema.createIndex("challenges_expiry").on("challenges").column("expires_at").execute();
}
