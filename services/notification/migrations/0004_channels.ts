/** Which provider has a message, and each channel's queue of its own. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  for (const name of ["provider", "reference", "delivered_at"])
    await db.schema.alterTable("deliveries").addColumn(name, "text").execute();
  await db.schema
    .createIndex("deliveries_due_by_channel")
    .on("deliveries")
    .columns(["channel", "next_at", "id"])
    .where("next_at" as never, "is not", null)
    .execute();
}
