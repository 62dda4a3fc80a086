/** Some charges are captured as they are authorized. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("charges")
    .addColumn("at_once", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
}
