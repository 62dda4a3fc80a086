/** The sandbox's books: charges, the keys of answered requests, and webhooks to be delivered. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("charges")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("reference", "text", (column) => column.notNull())
    .addColumn("token", "text", (column) => column.notNull())
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn("authorized", "bigint", (column) => column.notNull())
    .addColumn("captured", "bigint", (column) => column.notNull())
    .addColumn("refunded", "bigint", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("settles_at", "bigint")
    .addCheckConstraint("charges_authorized", sql`authorized >= 0 and authorized <= amount`)
    .addCheckConstraint("charges_captured", sql`captured >= 0 and captured <= authorized`)
    .addCheckConstraint("charges_refunded", sql`refunded >= 0 and refunded <= captured`)
    .execute();
  await db.schema.createIndex("charges_reference").on("charges").columns(["reference", "id"]).execute();
  await db.schema
    .createIndex("charges_settling")
    .on("charges")
    .column("settles_at")
    .where("settles_at" as never, "is not", null)
    .execute();

  await db.schema
    .createTable("requests")
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("request", "text", (column) => column.notNull())
    .addColumn("charge_id", "text", (column) => column.notNull().references("charges.id"))
    .execute();

  await db.schema
    .createTable("webhooks")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("copies", "integer", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("due_at", "bigint")
    .execute();
  await db.schema
    .createIndex("webhooks_due")
    .on("webhooks")
    .column("due_at")
    .where("due_at" as never, "is not", null)
    .execute();
}
