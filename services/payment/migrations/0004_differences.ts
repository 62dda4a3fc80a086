/** What the provider says against our books is kept, until a person has looked into it. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("payments").addColumn("difference", "text").execute();
}
