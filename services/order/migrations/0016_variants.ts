/** What of its product a line is: the SKU, and of a variant its values as JSON. Lines from before have neither. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  for (const column of ["sku", "option_values"])
    await db.schema.alterTable("order_items").addColumn(column, "text").execute();
}
