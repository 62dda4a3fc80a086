/** Payments, refunds and saved methods. A constraint ensures that refunds never exceed the captured amount. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await createPayments(db);
  await createRefunds(db);

  await db.schema
    .createTable("payment_methods")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("token", "text", (column) => column.notNull())
    .addColumn("brand", "text", (column) => column.notNull())
    .addColumn("last4", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addUniqueConstraint("payment_methods_token", ["user_id", "provider", "token"])
    .execute();
  await db.schema.createIndex("payment_methods_user").on("payment_methods").columns(["user_id", "id"]).execute();

  await db.schema
    .createTable("webhook_events")
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("webhook_events_pk", ["provider", "id"])
    .execute();
  await db.schema.createIndex("webhook_events_age").on("webhook_events").column("received_at").execute();
}

async function createPayments(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("payments")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("order_id", "text", (column) => column.notNull().unique())
    .addColumn("user_id", "text")
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("token", "text")
    .addColumn("charge_id", "text")
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn("captured", "bigint", (column) => column.notNull())
    .addColumn("refunded", "bigint", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("action_url", "text")
    .addColumn("check_at", "bigint")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("updated_at", "text", (column) => column.notNull())
    .addCheckConstraint("payments_captured", sql`captured >= 0 and captured <= amount`)
    .addCheckConstraint("payments_refunded", sql`refunded >= 0 and refunded <= captured`)
    .addCheckConstraint(
      "payments_status",
      sql`status in ('requires_action', 'processing', 'requires_capture', 'succeeded', 'failed', 'cancelled')`,
    )
    .execute();
  await db.schema.createIndex("payments_user").on("payments").columns(["user_id", "id"]).execute();
  await db.schema
    .createIndex("payments_check")
    .on("payments")
    .column("check_at")
    .where("check_at" as never, "is not", null)
    .execute();
}

async function createRefunds(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("refunds")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("payment_id", "text", (column) => column.notNull().references("payments.id"))
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount > 0`))
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull().check(sql`status in ('pending', 'succeeded', 'failed')`))
    .addColumn("check_at", "bigint")
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("refunds_payment").on("refunds").columns(["payment_id", "id"]).execute();
  await db.schema
    .createIndex("refunds_check")
    .on("refunds")
    .column("check_at")
    .where("check_at" as never, "is not", null)
    .execute();
}
