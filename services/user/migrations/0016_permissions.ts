/** What staff may do: null for all that the contracts open to staff. Nodes know it from tokens, and from revocations. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("users").addColumn("permissions", "text").execute();
  await db.schema.alterTable("revocations").addColumn("permissions", "text").execute();
}
