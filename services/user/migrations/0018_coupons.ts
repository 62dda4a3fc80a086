/** Coupons, how often they are used, and what orders hold of them. The database itself keeps every cap and budget. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("coupons")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("code", "text", (column) => column.notNull())
    // The code without case, accents and blanks.
    .addColumn("code_key", "text", (column) => column.notNull().unique())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("percent", "integer", (column) => column.check(sql`percent between 1 and 10000`))
    // Lists as JSON.
    .addColumn("amounts", "text", (column) => column.notNull())
    .addColumn("minimums", "text", (column) => column.notNull())
    .addColumn("product_ids", "text", (column) => column.notNull())
    .addColumn("category_ids", "text", (column) => column.notNull())
    .addColumn("stackable", "integer", (column) => column.notNull())
    // Milliseconds since the epoch.
    .addColumn("starts_at", "bigint")
    .addColumn("ends_at", "bigint")
    .addColumn("most", "integer")
    .addColumn("most_each", "integer")
    .addColumn("budget", "bigint")
    .addColumn("currency", "text")
    .addColumn("held", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("redeemed", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("budget_held", "bigint", (column) => column.notNull().defaultTo(0))
    .addColumn("budget_spent", "bigint", (column) => column.notNull().defaultTo(0))
    .addColumn("disabled", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addCheckConstraint("coupons_are_counted", sql`held >= 0 and redeemed >= 0`)
    .addCheckConstraint("coupons_have_a_cap", sql`most is null or held + redeemed <= most`)
    .addCheckConstraint("coupons_sum_up", sql`budget_held >= 0 and budget_spent >= 0`)
    .addCheckConstraint("coupons_have_a_budget", sql`budget is null or budget_held + budget_spent <= budget`)
    .addCheckConstraint("coupons_have_a_currency", sql`(budget is null) = (currency is null)`)
    .execute();

  await db.schema
    .createTable("coupon_uses")
    .addColumn("coupon_id", "text", (column) => column.notNull().references("coupons.id"))
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("held", "integer", (column) => column.notNull())
    .addColumn("redeemed", "integer", (column) => column.notNull())
    // The person's cap when they last used it.
    .addColumn("most", "integer")
    .addPrimaryKeyConstraint("coupon_uses_pk", ["coupon_id", "user_id"])
    .addCheckConstraint("coupon_uses_are_counted", sql`held >= 0 and redeemed >= 0`)
    .addCheckConstraint("coupon_uses_have_a_cap", sql`most is null or held + redeemed <= most`)
    .execute();

  await db.schema
    .createTable("benefit_holds")
    .addColumn("order_id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text")
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("points", "bigint", (column) => column.notNull().check(sql`points >= 0`))
    // Null for an order that was released before it held anything.
    .addColumn("request_hash", "text")
    // Milliseconds since the epoch; null when it is over.
    .addColumn("expires_at", "bigint")
    .execute();
  await db.schema
    .createIndex("benefit_holds_due")
    .on("benefit_holds")
    .column("expires_at")
    .where("expires_at" as never, "is not", null)
    .execute();

  await db.schema
    .createTable("coupon_holds")
    .addColumn("order_id", "text", (column) => column.notNull().references("benefit_holds.order_id"))
    .addColumn("coupon_id", "text", (column) => column.notNull().references("coupons.id"))
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn("currency", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("coupon_holds_pk", ["order_id", "coupon_id"])
    .execute();
  await db.schema.createIndex("coupon_holds_by_coupon").on("coupon_holds").column("coupon_id").execute();
}
