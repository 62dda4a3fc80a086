/** What is personal goes when its person leaves. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("orders")
    .addColumn("erased", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
}
