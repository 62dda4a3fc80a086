/** Points: a ledger whose bookings take from one account what they bring to another, and what it comes to for each person. */
import { type Kysely, sql } from "kysely";

const ACCOUNTS = sql`('person', 'held', 'owed', 'issued', 'spent', 'expired')`;

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("point_accounts")
    .addColumn("user_id", "text", (column) => column.primaryKey())
    // The sums of the bookings of each account; what is owed with the other sign.
    .addColumn("balance", "bigint", (column) => column.notNull().check(sql`balance >= 0`))
    .addColumn("held", "bigint", (column) => column.notNull().check(sql`held >= 0`))
    .addColumn("owed", "bigint", (column) => column.notNull().check(sql`owed >= 0`))
    .execute();

  await db.schema
    .createTable("point_lots")
    .addColumn("user_id", "text", (column) => column.notNull().references("point_accounts.user_id"))
    // Milliseconds since the epoch: the end of a day, so that a person has one lot a day at most.
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("points", "bigint", (column) => column.notNull().check(sql`points >= 0`))
    .addPrimaryKeyConstraint("point_lots_pk", ["user_id", "expires_at"])
    .execute();
  await db.schema.createIndex("point_lots_due").on("point_lots").column("expires_at").execute();

  await db.schema
    .createTable("point_transactions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("point_accounts.user_id"))
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("order_id", "text")
    // What makes it take effect once; null where something else does.
    .addColumn("cause", "text", (column) => column.unique())
    // What the person has more or less of.
    .addColumn("points", "bigint", (column) => column.notNull())
    .addColumn("note", "text")
    .addColumn("staff_id", "text")
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("point_transactions_by_user")
    .on("point_transactions")
    .columns(["user_id", "id"])
    .execute();

  await db.schema
    .createTable("point_bookings")
    .addColumn("transaction_id", "text", (column) => column.notNull().references("point_transactions.id"))
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull().check(sql`source in ${ACCOUNTS}`))
    .addColumn("target", "text", (column) => column.notNull().check(sql`target in ${ACCOUNTS}`))
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount > 0`))
    // The lot that it takes from or brings to; null where the person's own account has no part in it.
    .addColumn("expires_at", "bigint")
    .addPrimaryKeyConstraint("point_bookings_pk", ["transaction_id", "position"])
    .addCheckConstraint("point_bookings_have_two_sides", sql`source <> target`)
    .addCheckConstraint(
      "point_bookings_name_a_lot",
      sql`(expires_at is not null) = (source = 'person' or target = 'person')`,
    )
    .execute();

  await db.schema
    .createTable("point_holds")
    .addColumn("order_id", "text", (column) => column.notNull().references("benefit_holds.order_id"))
    // The lot from which they were taken.
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("points", "bigint", (column) => column.notNull().check(sql`points > 0`))
    .addColumn("returned", "bigint", (column) => column.notNull().check(sql`returned between 0 and points`))
    .addPrimaryKeyConstraint("point_holds_pk", ["order_id", "expires_at"])
    .execute();

  await db.schema
    .createTable("point_earnings")
    .addColumn("order_id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("point_accounts.user_id"))
    // What was paid for units that have arrived and were not sent back; below 0 while the news of their arrival is late.
    .addColumn("paid", "bigint", (column) => column.notNull())
    .addColumn("points", "bigint", (column) => column.notNull().check(sql`points >= 0`))
    .execute();
}
