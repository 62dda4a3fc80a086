/** Posters of videos, and subtitles that staff add to films. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  // The names of pictures: the one that staff have chosen, and a frame of the film.
  await db.schema.alterTable("videos").addColumn("poster_id", "text").execute();
  await db.schema.alterTable("videos").addColumn("frame_id", "text").execute();
  await db.schema
    .createTable("subtitles")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("video_id", "text", (column) => column.notNull().references("videos.id"))
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("name", "text")
    // WebVTT. It is written into each release of the film.
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addUniqueConstraint("subtitles_once", ["video_id", "language"])
    .execute();
}
