/** Who wants to know when a product is back in stock. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("restock_alerts")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("product_id", "text", (column) => column.notNull())
    .addColumn("check_at", "bigint", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addUniqueConstraint("restock_alerts_once", ["user_id", "product_id"])
    .execute();
  for (const column of ["product_id", "check_at", "created_at"])
    await db.schema.createIndex(`restock_alerts_by_${column}`).on("restock_alerts").column(column).execute();
}
