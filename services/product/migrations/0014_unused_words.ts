/** When a word was found to be in no name any more, in milliseconds since the epoch: it is removed if it still is a while later. */
import type { Kysely } from "kysely";

export const up = (db: Kysely<never>): Promise<void> =>
  db.schema.alterTable("search_words").addColumn("unused_since", "bigint").execute();
