/**
 * A payment may be captured in parts. What is asked for and not confirmed yet is in `claimed`, which never exceeds what was
 * authorized, and a payment has one open capture at most.
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("payments")
    .addColumn("claimed", "bigint", (column) =>
      column
        .notNull()
        .defaultTo(0)
        .check(sql`claimed >= 0 and claimed <= amount`),
    )
    .execute();
  for (const flag of ["at_once", "multicapture"])
    await db.schema
      .alterTable("payments")
      .addColumn(flag, "integer", (column) => column.notNull().defaultTo(0))
      .execute();

  await db.schema
    .createTable("captures")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("payment_id", "text", (column) => column.notNull().references("payments.id"))
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("is_final", "integer", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull().check(sql`status in ('pending', 'succeeded', 'failed')`))
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("captures_payment").on("captures").columns(["payment_id", "id"]).execute();
  await db.schema
    .createIndex("captures_open")
    .unique()
    .on("captures")
    .column("payment_id")
    .where("status" as never, "=", "pending" as never)
    .execute();
}
