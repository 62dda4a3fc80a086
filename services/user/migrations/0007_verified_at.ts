/**
 * Records since when the e-mail address of an account is verified. Older accounts count as verified, because they have
 * received mail all along.
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("users").addColumn("verified_at", "text").execute();
  await sql`update users set verified_at = created_at where deleted_at is null`.execute(db);
}
