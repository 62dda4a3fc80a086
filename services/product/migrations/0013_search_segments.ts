/**
 * PostgreSQL's text index is asked segment by segment, newest first, so that a frequent word is not read as a whole (ADR 0101).
 * The index of whole lists is dropped: it only made the searches of a node of the release before faster.
 */
import { type Kysely, sql } from "kysely";
import { isPostgres } from "#mixins/database/locking.ts";

export async function up(db: Kysely<never>): Promise<void> {
  if (!isPostgres(db)) return;
  // 2^14 entries are a segment. Tokens are scattered over all integers, so those of two segments hardly ever meet.
  await sql`
    create function search_keys(tokens integer[], seq bigint) returns integer[]
      language sql immutable strict parallel safe
      return array(select token # cast(seq >> 14 as integer) from unnest(tokens) as token)`.execute(db);
  // Whatever waits in the list of a fast update is read through by every search.
  await sql`
    create index search_entries_by_key on search_entries using gin (search_keys(tokens, seq)) with (fastupdate = off)`.execute(
    db,
  );
  await db.schema.dropIndex("search_entries_by_token").execute();
}
