/** Says what a payment is for: an order, as all payments were before, or an invoice. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("payments")
    .addColumn("purpose", "text", (column) => column.notNull().defaultTo("order"))
    .execute();
}
