/** Accounts, their sessions and their addresses. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("users")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("email", "text", (column) => column.unique().check(sql`email = lower(email)`))
    .addColumn("password_hash", "text")
    .addColumn("name", "text")
    .addColumn("phone", "text")
    .addColumn("language", "text", (column) => column.notNull().check(sql`language in ('en', 'ko')`))
    .addColumn("roles", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("deleted_at", "text")
    .addColumn("version", "bigint", (column) => column.notNull())
    .addCheckConstraint(
      "users_whole_or_erased",
      sql`(deleted_at is null and email is not null and password_hash is not null and name is not null)
        or (deleted_at is not null and email is null and password_hash is null and name is null and phone is null)`,
    )
    .execute();

  await db.schema
    .createTable("sessions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("token_hash", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("refreshed_at", "text", (column) => column.notNull())
    .addColumn("idle_until", "bigint", (column) => column.notNull())
    .addColumn("ends_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("sessions_by_user").on("sessions").column("user_id").execute();

  await db.schema
    .createTable("addresses")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("line1", "text", (column) => column.notNull())
    .addColumn("line2", "text")
    .addColumn("city", "text", (column) => column.notNull())
    .addColumn("postal_code", "text", (column) => column.notNull())
    .addColumn("country", "text", (column) => column.notNull())
    .addColumn("phone", "text")
    .addColumn("is_default", "integer", (column) => column.notNull().check(sql`is_default in (0, 1)`))
    .addColumn("version", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("addresses_by_user").on("addresses").columns(["user_id", "id"]).execute();
  await db.schema
    .createIndex("addresses_one_default")
    .unique()
    .on("addresses")
    .column("user_id")
    .where("is_default" as never, "=", 1)
    .execute();
}
