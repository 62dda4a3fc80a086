/**
 * A constraint allows one charge per reference. A duplicate that an older sandbox made stays in the books under another
 * reference.
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    update charges set reference = reference || '#' || id
    where exists (select 1 from charges as earlier where earlier.reference = charges.reference and earlier.id < charges.id)
  `.execute(db);
  await db.schema.dropIndex("charges_reference").execute();
  await db.schema.createIndex("charges_reference").unique().on("charges").column("reference").execute();
}
