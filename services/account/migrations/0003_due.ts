/** An index of what is due, so that overdue renewals are found among all subscriptions. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createIndex("subscriptions_due")
    .on("subscriptions")
    .column("due_at")
    .where("due_at" as never, "is not", null)
    .execute();
}
