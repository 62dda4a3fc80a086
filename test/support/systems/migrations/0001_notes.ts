/** The table of notes: for services that exist only in specs. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("notes")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("text", "text")
    .addColumn("stars", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
}
