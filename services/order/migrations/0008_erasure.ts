/** What is personal goes when its person leaves. */
import type { Kysely } from "kysely";
import { createErasures } from "#mixins/erasure/erasure.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createErasures(db);
  await db.schema
    .alterTable("orders")
    .addColumn("erased", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
}
