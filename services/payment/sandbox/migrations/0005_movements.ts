/** Every movement of money, by the time at which it happened. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("movements")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("charge_id", "text", (column) => column.notNull().references("charges.id"))
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("amount", "bigint", (column) => column.notNull())
    .addColumn("dispute_id", "text")
    .addColumn("at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("movements_at").on("movements").columns(["at", "id"]).execute();
}
