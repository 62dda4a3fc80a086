/** Encodings of films, and the chunks that nodes take by lease. */
import { type Kysely, sql } from "kysely";
import { sweepOften } from "#mixins/database/migrate.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("encodings")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("video_id", "text", (column) => column.notNull().references("videos.id"))
    .addColumn("source_id", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) =>
      column.notNull().check(sql`state in ('checking', 'encoding', 'done', 'failed', 'cancelled')`),
    )
    .addColumn("publishes", "integer", (column) => column.notNull().check(sql`publishes in (0, 1)`))
    .addColumn("plan", "text")
    .addColumn("failure", "text")
    .addColumn("detail", "text")
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("ended_at", "text")
    .execute();
  await db.schema.createIndex("encodings_by_video").on("encodings").columns(["video_id", "id"]).execute();
  // At most one is under way.
  await db.schema
    .createIndex("encodings_open")
    .unique()
    .on("encodings")
    .column("video_id")
    .where(sql<boolean>`state in ('checking', 'encoding')`)
    .execute();
  await createChunks(db);
}

async function createChunks(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("chunks")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("encoding_id", "text", (column) => column.notNull().references("encodings.id"))
    .addColumn("track", "text", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("rank", "integer", (column) => column.notNull())
    .addColumn("seconds", "real", (column) => column.notNull())
    .addColumn("next_at", "bigint")
    .addColumn("attempt", "integer", (column) => column.notNull())
    .addColumn("failures", "integer", (column) => column.notNull())
    .addColumn("owner", "text")
    .addColumn("error", "text")
    .addColumn("result", "text")
    .addUniqueConstraint("chunks_once", ["encoding_id", "track", "position"])
    // Done is what nobody has to take any more.
    .addCheckConstraint("chunks_done", sql`(result is null) = (next_at is not null)`)
    .execute();
  await db.schema
    .createIndex("chunks_due")
    .on("chunks")
    .column("next_at")
    .where(sql<boolean>`next_at is not null`)
    .execute();
  await sweepOften(db, "chunks");
}
