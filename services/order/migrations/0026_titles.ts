/** A line that is a film: how it is sold, as JSON; null for goods. */
import type { Kysely } from "kysely";

export const up = (db: Kysely<never>): Promise<void> =>
  db.schema.alterTable("order_items").addColumn("title", "text").execute();
