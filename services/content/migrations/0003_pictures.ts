/** A piece of the picture is all rungs of a chunk, where it was one rung: encodings under way begin again. */
import { type Kysely, sql } from "kysely";

const UNDER_WAY = sql`(select id from encodings where state = 'encoding')`;

export async function up(db: Kysely<never>): Promise<void> {
  await sql`delete from chunks where track not in ('check', 'sample') and encoding_id in ${UNDER_WAY}`.execute(db);
  await sql`
    update chunks set next_at = 0, result = null, owner = null, attempt = attempt + 1
    where track in ('check', 'sample') and encoding_id in ${UNDER_WAY}`.execute(db);
  await sql`update encodings set state = 'checking', plan = null where state = 'encoding'`.execute(db);
}
