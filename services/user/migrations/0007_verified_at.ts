/** Who is known to own their e-mail address. Accounts from before count as such: they have had mail all along. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("users").addColumn("verified_at", "text").execute();
  await sql`update users set verified_at = created_at where deleted_at is null`.execute(db);
}
