/** A person's quotes are found, so that only the newest are kept. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.createIndex("quotes_by_user").on("quotes").columns(["user_id", "id"]).execute();
}
