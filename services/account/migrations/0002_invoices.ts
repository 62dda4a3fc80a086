/** Invoices and credit notes, credit of customers, and what they bought. A period is invoiced once, whatever the code does. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await createInvoices(db);
  await createTitles(db);

  await db.schema
    .createTable("credits")
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addPrimaryKeyConstraint("credits_pk", ["user_id", "currency"])
    .execute();
  await db.schema.alterTable("accounts").addColumn("billing", "text").execute();
}

async function createInvoices(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("invoices")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("number", "text", (column) => column.notNull().unique())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull().check(sql`kind in ('invoice', 'credit_note')`))
    .addColumn("purpose", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("subscription_id", "text")
    .addColumn("corrects", "text", (column) => column.references("invoices.id"))
    .addColumn("refund_id", "text", (column) => column.unique())
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("total", "bigint", (column) => column.notNull())
    .addColumn("tax", "bigint", (column) => column.notNull())
    .addColumn("credited", "bigint", (column) => column.notNull())
    .addColumn("due", "bigint", (column) => column.notNull())
    .addColumn("refunded", "bigint", (column) => column.notNull())
    .addColumn("lines", "text", (column) => column.notNull())
    .addColumn("billing", "text")
    .addColumn("period_start", "bigint")
    .addColumn("period_end", "bigint")
    .addColumn("attempt", "text")
    .addColumn("payment_id", "text")
    .addColumn("reason", "text")
    .addColumn("issued_at", "bigint", (column) => column.notNull())
    .addColumn("paid_at", "bigint")
    .addCheckConstraint("invoices_status", sql`status in ('open', 'paid', 'void', 'uncollectible')`)
    .addCheckConstraint("invoices_amounts", sql`total >= 0 and credited >= 0 and due = total - credited and due >= 0`)
    .addCheckConstraint("invoices_refunded", sql`refunded >= 0 and refunded <= due`)
    .execute();
  await db.schema.createIndex("invoices_user").on("invoices").columns(["user_id", "id"]).execute();
  await db.schema.createIndex("invoices_attempt").on("invoices").column("attempt").execute();
  await db.schema
    .createTable("attempts")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("invoice_id", "text", (column) => column.notNull().references("invoices.id"))
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("erased", "integer", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("attempts_user").on("attempts").columns(["user_id", "erased"]).execute();
  await db.schema
    .createIndex("invoices_one_a_period")
    .unique()
    .on("invoices")
    .columns(["subscription_id", "period_start"])
    .where("purpose" as never, "=", sql.lit("renewal"))
    .execute();
}

async function createTitles(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("titles")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("video_id", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull().check(sql`kind in ('buy', 'rent')`))
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("invoice_id", "text", (column) => column.notNull().references("invoices.id"))
    .addColumn("hours", "integer")
    .addColumn("until", "bigint")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addCheckConstraint("titles_status", sql`status in ('pending', 'granted', 'ended', 'refused', 'returned')`)
    .execute();
  await db.schema.createIndex("titles_user").on("titles").columns(["user_id", "id"]).execute();
  await db.schema.createIndex("titles_invoice").on("titles").column("invoice_id").execute();
  await db.schema
    .createIndex("titles_once")
    .unique()
    .on("titles")
    .columns(["user_id", "video_id", "kind"])
    .where("status" as never, "in", sql`('pending', 'granted')`)
    .execute();
}
