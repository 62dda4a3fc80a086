/** Playback sessions with their places, what profiles watched and marked, and edges. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await createSessions(db);

  await db.schema
    .createTable("watched_videos")
    .addColumn("profile_id", "text", (column) => column.notNull())
    .addColumn("video_id", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("position_ms", "bigint", (column) => column.notNull().check(sql`position_ms >= 0`))
    .addColumn("duration_ms", "bigint", (column) => column.notNull())
    .addColumn("finished", "integer", (column) => column.notNull().check(sql`finished in (0, 1)`))
    .addColumn("watched_at", "bigint")
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("watched_videos_pk", ["profile_id", "video_id"])
    .execute();
  const indexed = (name: string) => db.schema.createIndex(name).on("watched_videos");
  await indexed("watched_videos_latest").columns(["profile_id", "updated_at", "video_id"]).execute();
  await indexed("watched_videos_begun")
    .columns(["profile_id", "updated_at", "video_id"])
    .where("finished" as never, "=", 0)
    .execute();
  await indexed("watched_videos_user").columns(["user_id", "profile_id", "video_id"]).execute();

  await db.schema
    .createTable("marks")
    .addColumn("profile_id", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull().check(sql`kind in ('kept', 'liked')`))
    .addColumn("video_id", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("value", "integer", (column) => column.notNull().check(sql`value in (0, 1)`))
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("marks_pk", ["profile_id", "kind", "video_id"])
    .execute();
  await db.schema
    .createIndex("marks_latest")
    .on("marks")
    .columns(["profile_id", "kind", "updated_at", "video_id"])
    .execute();
  await db.schema
    .createIndex("marks_user")
    .on("marks")
    .columns(["user_id", "kind", "profile_id", "video_id"])
    .execute();

  await db.schema
    .createTable("edges")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("url", "text", (column) => column.notNull())
    .addColumn("region", "text")
    .addColumn("weight", "integer", (column) => column.notNull().check(sql`weight > 0`))
    .addColumn("failing", "double precision", (column) => column.notNull())
    .addColumn("bursts", "integer", (column) => column.notNull())
    .addColumn("out_until", "bigint", (column) => column.notNull())
    .addColumn("seen_at", "bigint", (column) => column.notNull())
    .execute();
}

async function createSessions(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("playback_sessions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("profile_id", "text", (column) => column.notNull())
    .addColumn("video_id", "text", (column) => column.notNull())
    .addColumn("title", "text", (column) => column.notNull())
    .addColumn("device_id", "text", (column) => column.notNull())
    .addColumn("device", "text", (column) => column.notNull())
    .addColumn("seat", "integer", (column) => column.notNull().check(sql`seat >= 0`))
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("plan", "text")
    .addColumn("region", "text")
    .addColumn("folder", "text", (column) => column.notNull())
    .addColumn("manifest", "text", (column) => column.notNull())
    .addColumn("height", "integer", (column) => column.notNull())
    .addColumn("duration_ms", "bigint", (column) => column.notNull())
    .addColumn("next_id", "text")
    .addColumn("resume_ms", "bigint", (column) => column.notNull())
    .addColumn("sequence", "bigint", (column) => column.notNull())
    .addColumn("position_ms", "bigint")
    .addColumn("telemetry", "bigint", (column) => column.notNull())
    .addColumn("stalls", "integer", (column) => column.notNull())
    .addColumn("failures", "integer", (column) => column.notNull())
    .addColumn("edge_id", "text")
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("token_until", "bigint", (column) => column.notNull())
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .addColumn("check_at", "bigint")
    .addUniqueConstraint("playback_sessions_seat", ["user_id", "seat"])
    .execute();
  const indexed = (name: string) => db.schema.createIndex(name).on("playback_sessions");
  await indexed("playback_sessions_user").columns(["user_id", "id"]).execute();
  await indexed("playback_sessions_lease").column("lease_until").execute();
  await indexed("playback_sessions_check")
    .column("check_at")
    .where("check_at" as never, "is not", null)
    .execute();
  await indexed("playback_sessions_video").column("video_id").execute();
}
