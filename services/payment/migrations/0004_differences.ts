/** Stores the provider's contradictions to our books until a person has looked into them. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("payments").addColumn("difference", "text").execute();
}
