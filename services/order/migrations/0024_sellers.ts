/** Who sold, as each invoice says it. */
import type { Kysely } from "kysely";

export const up = (db: Kysely<never>): Promise<void> =>
  // JSON; null where nobody was set.
  db.schema.alterTable("order_invoices").addColumn("seller", "text").execute();
