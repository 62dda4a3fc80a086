/** The orders of a guest are found before one of them is erased. */
import type { Kysely } from "kysely";

export const up = (db: Kysely<never>): Promise<void> =>
  db.schema.createIndex("guest_orders_by_guest").on("guest_orders").column("guest_id").execute();
