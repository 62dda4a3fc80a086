/** One charge per reference, by constraint. What an older sandbox charged once more stays in the books, under a name of its own. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    update charges set reference = reference || '#' || id
    where exists (select 1 from charges as earlier where earlier.reference = charges.reference and earlier.id < charges.id)
  `.execute(db);
  await db.schema.dropIndex("charges_reference").execute();
  await db.schema.createIndex("charges_reference").unique().on("charges").column("reference").execute();
}
