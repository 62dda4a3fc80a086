/** Disputes, and the money that left with those that were lost. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("payments")
    .addColumn("lost", "bigint", (column) =>
      column
        .notNull()
        .defaultTo(0)
        .check(sql`lost >= 0`),
    )
    .execute();
  await db.schema
    .createTable("disputes")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("provider_id", "text", (column) => column.notNull())
    .addColumn("payment_id", "text", (column) => column.references("payments.id"))
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("due_at", "text")
    .addColumn("check_at", "bigint")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("updated_at", "text", (column) => column.notNull())
    .addUniqueConstraint("disputes_provider", ["provider", "provider_id"])
    .execute();
  await db.schema.createIndex("disputes_payment").on("disputes").columns(["payment_id", "id"]).execute();
  await db.schema
    .createIndex("disputes_check")
    .on("disputes")
    .column("check_at")
    .where("check_at" as never, "is not", null)
    .execute();
}
