/** A list of orders asks which of somebody's are still under way: however many others are. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createIndex("sagas_unfinished_by_user")
    .on("sagas")
    .column("user_id")
    .where("next_at" as never, "is not", null)
    .execute();
}
