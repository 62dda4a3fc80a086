/** Videos, their rights, people and genres. */
import { type Kysely, sql } from "kysely";
import { bytewise } from "#mixins/database/migrate.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createVideos(db);
  await createRights(db);
  await createPeople(db);
}

async function createVideos(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("videos")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("key", "text", (column) => column.unique())
    .addColumn("kind", "text", (column) => column.notNull().check(sql`kind in ('film', 'series', 'season', 'episode')`))
    .addColumn("parent_id", "text", (column) => column.references("videos.id"))
    .addColumn("number", "integer")
    .addColumn("titles", "text", (column) => column.notNull())
    .addColumn("search_text", "text", (column) => column.notNull())
    .addColumn("title_key", bytewise(db), (column) => column.notNull())
    .addColumn("rating", "integer", (column) => column.notNull())
    .addColumn("year", "integer")
    .addColumn("state", "text", (column) =>
      column.notNull().check(sql`state in ('draft', 'processing', 'ready', 'published', 'failed', 'removed')`),
    )
    .addColumn("failure", "text")
    .addColumn("release", "text")
    .addColumn("duration_ms", "bigint")
    .addColumn("rungs", "text", (column) => column.notNull())
    .addColumn("chapters", "text", (column) => column.notNull())
    .addColumn("currency", "text")
    .addColumn("buy_amount", "bigint")
    .addColumn("rent_amount", "bigint")
    .addColumn("rent_hours", "integer")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("published_at", "text")
    .addColumn("version", "bigint", (column) => column.notNull())
    .addCheckConstraint("videos_parts", sql`(kind in ('season', 'episode')) = (parent_id is not null)`)
    .addCheckConstraint("videos_numbers", sql`(parent_id is null) = (number is null)`)
    .addCheckConstraint(
      "videos_playable",
      sql`state not in ('ready', 'published') or kind in ('series', 'season') or release is not null`,
    )
    .addCheckConstraint("videos_offers", sql`(buy_amount is null and rent_amount is null) = (currency is null)`)
    .addCheckConstraint("videos_rent", sql`(rent_amount is null) = (rent_hours is null)`)
    .execute();
  await db.schema.createIndex("videos_newest").on("videos").columns(["state", "published_at", "id"]).execute();
  await db.schema.createIndex("videos_by_title").on("videos").columns(["title_key", "id"]).execute();
  await db.schema
    .createIndex("videos_by_parent")
    .unique()
    .on("videos")
    .columns(["parent_id", "number"])
    .where(sql<boolean>`parent_id is not null and state <> 'removed'`)
    .execute();
}

async function createRights(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("rights")
    .addColumn("video_id", "text", (column) => column.notNull().references("videos.id"))
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("regions", "text")
    .addColumn("plans", "text")
    .addColumn("starts_at", "bigint")
    .addColumn("ends_at", "bigint", (column) => column.check(sql`ends_at > starts_at`))
    .addPrimaryKeyConstraint("rights_pk", ["video_id", "position"])
    .execute();
}

async function createPeople(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("people")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("name_ko", "text")
    .addColumn("search_text", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("genres")
    .addColumn("code", bytewise(db), (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("name_ko", "text", (column) => column.notNull())
    .addColumn("search_text", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("credits")
    .addColumn("video_id", "text", (column) => column.notNull().references("videos.id"))
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("person_id", "text", (column) => column.notNull().references("people.id"))
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("character", "text")
    .addPrimaryKeyConstraint("credits_pk", ["video_id", "position"])
    .execute();
  await db.schema.createIndex("credits_by_person").on("credits").column("person_id").execute();
  await db.schema
    .createTable("video_genres")
    .addColumn("video_id", "text", (column) => column.notNull().references("videos.id"))
    .addColumn("genre", bytewise(db), (column) => column.notNull().references("genres.code"))
    .addPrimaryKeyConstraint("video_genres_pk", ["video_id", "genre"])
    .execute();
  await db.schema.createIndex("video_genres_by_genre").on("video_genres").column("genre").execute();
}
