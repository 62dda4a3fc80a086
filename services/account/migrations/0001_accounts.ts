/** Plans, profiles and subscriptions. A constraint ensures that a person has one subscription at a time. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await createPlans(db);
  await createProfiles(db);
  await createSubscriptions(db);

  await db.schema
    .createTable("accounts")
    .addColumn("user_id", "text", (column) => column.primaryKey())
    .addColumn("trialed", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("clock", "bigint")
    .addColumn("clock_target", "bigint")
    .execute();
}

async function createPlans(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("plans")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("code", "text", (column) => column.notNull().unique())
    .addColumn("name_en", "text", (column) => column.notNull())
    .addColumn("name_ko", "text", (column) => column.notNull())
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn("tax_rate", "integer", (column) => column.notNull().check(sql`tax_rate between 0 and 10000`))
    .addColumn("interval", "text", (column) => column.notNull())
    .addColumn("trial_days", "integer", (column) => column.notNull())
    .addColumn("max_streams", "integer", (column) => column.notNull())
    .addColumn("max_height", "integer", (column) => column.notNull())
    .addColumn("regions", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("archived_at", "text")
    .addColumn("version", "bigint", (column) => column.notNull())
    .execute();
}

async function createProfiles(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("profiles")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("is_kids", "integer", (column) => column.notNull())
    .addColumn("max_rating", "integer")
    .addColumn("pin_hash", "text")
    .addColumn("pin_tries", "integer", (column) => column.notNull())
    .addColumn("pin_wait_until", "bigint", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addCheckConstraint("profiles_of_children", sql`is_kids = 0 or max_rating is not null`)
    .execute();
  await db.schema.createIndex("profiles_user").on("profiles").columns(["user_id", "id"]).execute();
}

async function createSubscriptions(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("subscriptions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("plan_id", "text", (column) => column.notNull().references("plans.id"))
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn("tax_rate", "integer", (column) => column.notNull())
    .addColumn("interval", "text", (column) => column.notNull())
    .addColumn("anchor", "bigint", (column) => column.notNull())
    .addColumn("period_start", "bigint", (column) => column.notNull())
    .addColumn("period_end", "bigint", (column) => column.notNull())
    .addColumn("trial_end", "bigint")
    .addColumn("cancel_at_period_end", "integer", (column) => column.notNull())
    .addColumn("paused_left", "bigint")
    .addColumn("due_at", "bigint")
    .addColumn("paying", "text")
    .addColumn("failures", "integer", (column) => column.notNull())
    .addColumn("payment_method", "text")
    .addColumn("reason", "text")
    .addColumn("ended_at", "bigint")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addCheckConstraint("subscriptions_period", sql`period_end >= period_start`)
    .addCheckConstraint(
      "subscriptions_status",
      sql`status in ('pending', 'trialing', 'active', 'past_due', 'paused', 'cancelled')`,
    )
    .addCheckConstraint("subscriptions_end", sql`status <> 'cancelled' or (due_at is null and ended_at is not null)`)
    .execute();
  await db.schema.createIndex("subscriptions_user").on("subscriptions").columns(["user_id", "id"]).execute();
  await db.schema
    .createIndex("subscriptions_one_at_a_time")
    .unique()
    .on("subscriptions")
    .column("user_id")
    .where("status" as never, "<>", sql.lit("cancelled"))
    .execute();
}
