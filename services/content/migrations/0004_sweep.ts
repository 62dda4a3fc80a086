/** Files are removed by rules, where each video that was removed had a piece of work. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  // Those of encodings that have ended and are not played; 1 when they have been removed.
  await db.schema
    .alterTable("encodings")
    .addColumn("swept", "integer", (column) =>
      column
        .notNull()
        .defaultTo(0)
        .check(sql`swept in (0, 1)`),
    )
    .execute();
  await db.schema.createIndex("encodings_by_source").on("encodings").column("source_id").execute();
  await sql`delete from chunks where track = 'remove'`.execute(db);
}
