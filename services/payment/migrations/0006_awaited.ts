/** Marks payments whose decision is awaited. A row of the release before does not say, so its decision is always told. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("payments")
    .addColumn("awaited", "integer", (column) => column.notNull().defaultTo(1))
    .execute();
}
