/** An order is found by the key of the request that placed it, so that the key needs no row of its own. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  for (const column of ["idempotency_key", "request_hash", "answer"])
    await db.schema.alterTable("orders").addColumn(column, "text").execute();
  // Only of orders that have one: those of the release before do not, and a key is dropped when its time is over.
  await db.schema
    .createIndex("orders_by_key")
    .unique()
    .on("orders")
    .columns(["user_id", "idempotency_key"])
    .where("idempotency_key" as never, "is not", null)
    .execute();
}
