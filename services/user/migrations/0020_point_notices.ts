/** When somebody is told that points are going to expire. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  // Milliseconds since the epoch; null when they were told, or for points that come too late to be told of.
  await db.schema.alterTable("point_lots").addColumn("tell_at", "bigint").execute();
  await db.schema
    .createIndex("point_lots_to_tell")
    .on("point_lots")
    .column("tell_at")
    .where("tell_at" as never, "is not", null)
    .execute();
}
