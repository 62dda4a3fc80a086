/** Disputes of customers' banks, and what they took in the end. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("charges")
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
    .addColumn("charge_id", "text", (column) => column.notNull().unique().references("charges.id"))
    .addColumn("amount", "bigint", (column) => column.notNull())
    .addColumn("status", "text")
    .addColumn("ends", "text", (column) => column.notNull())
    .addColumn("next_at", "bigint")
    .execute();
  await db.schema
    .createIndex("disputes_next")
    .on("disputes")
    .column("next_at")
    .where("next_at" as never, "is not", null)
    .execute();
}
