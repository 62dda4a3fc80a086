/** Which kinds of messages a person wants on which channels, and when nothing may ring. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  for (const name of ["kinds", "quiet_hours"])
    await db.schema.alterTable("preferences").addColumn(name, "text").execute();
}
