/** Staff look at captures that the provider refused. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createIndex("order_captures_refused")
    .on("order_captures")
    .column("id")
    .where(sql<boolean>`state = 'failed'`)
    .execute();
}
