/** All SQL of what profiles watched, and how far: one row for each title and profile, whatever the device. */
import { sql as raw } from "kysely";
import Type from "typebox";
import { now, timestamp } from "#core/clock.ts";
import { decodeCursor, page, type PageOf, type Paging } from "#core/cursor.ts";
import { Id } from "#core/schema.ts";
import { integerAt, rowsIn, rowsText, textAt } from "#mixins/database/rows.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Watched } from "./history.contract.ts";
import type { Db, PlaybackTables, Tx, WatchedRow as Row } from "./playback.tables.ts";

const sql = statements<PlaybackTables>();

const find = sql((q, p: Pick<Row, "profile_id" | "video_id" | "user_id">) =>
  q
    .selectFrom("watched_videos")
    .selectAll()
    .where("profile_id", "=", p.profile_id)
    .where("video_id", "=", p.video_id)
    .where("user_id", "=", p.user_id),
);
/** Many positions at once. Who has seen a title to its end has seen it, also when they begin it again. */
const upsert = sql((q, p: { rows: string }) =>
  q
    .insertInto("watched_videos")
    .columns([
      "profile_id",
      "video_id",
      "user_id",
      "position_ms",
      "duration_ms",
      "finished",
      "watched_at",
      "updated_at",
    ])
    .expression(
      q
        .selectFrom(rowsIn(p.rows))
        .select([
          textAt(0).as("profile_id"),
          textAt(1).as("video_id"),
          textAt(2).as("user_id"),
          integerAt(3).as("position_ms"),
          integerAt(4).as("duration_ms"),
          integerAt(5).as("finished"),
          integerAt(6).as("watched_at"),
          integerAt(7).as("updated_at"),
        ])
        .where(raw<boolean>`true`),
    )
    .onConflict((one) =>
      one.columns(["profile_id", "video_id"]).doUpdateSet((e) => ({
        position_ms: e.ref("excluded.position_ms"),
        duration_ms: e.ref("excluded.duration_ms"),
        finished: e.ref("excluded.finished"),
        watched_at: e.fn.coalesce("excluded.watched_at", "watched_videos.watched_at"),
        updated_at: e.ref("excluded.updated_at"),
      })),
    ),
);
/** What comes next, unless it was begun before. */
const suggest = sql((q, p: Pick<Row, "profile_id" | "video_id" | "user_id" | "updated_at">) =>
  q
    .insertInto("watched_videos")
    .values({
      ...columns(p, "profile_id", "video_id", "user_id", "updated_at"),
      position_ms: 0,
      duration_ms: 0,
      finished: 0,
      watched_at: null,
    })
    .onConflict((one) => one.columns(["profile_id", "video_id"]).doNothing()),
);
const removeOne = sql((q, p: Pick<Row, "profile_id" | "video_id" | "user_id">) =>
  q
    .deleteFrom("watched_videos")
    .where("profile_id", "=", p.profile_id)
    .where("video_id", "=", p.video_id)
    .where("user_id", "=", p.user_id),
);
const removeOfProfile = sql((q, p: Pick<Row, "profile_id" | "user_id">) =>
  q.deleteFrom("watched_videos").where("profile_id", "=", p.profile_id).where("user_id", "=", p.user_id),
);
const removeOfUser = sql((q, p: Pick<Row, "user_id">) =>
  q.deleteFrom("watched_videos").where("user_id", "=", p.user_id),
);

/** A position in a list of a profile, and in one of all profiles of a person. */
const Latest = Type.Tuple([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Id]);
const Everywhere = Type.Tuple([Id, Id]);

const toWatched = (row: Row): Watched => ({
  videoId: row.video_id,
  profileId: row.profile_id,
  positionMs: row.position_ms,
  durationMs: row.duration_ms,
  watchedAt: row.watched_at === null ? null : timestamp(row.watched_at),
  updatedAt: timestamp(row.updated_at),
});

export const seen = (db: Db, profile_id: string, video_id: string, user_id: string): Promise<Row | undefined> =>
  db.one(find, { profile_id, video_id, user_id });

/** The same on all nodes, so that two of them with the same rows wait for each other instead of both. */
const byKey = (a: Row, b: Row): number => (a.profile_id + a.video_id < b.profile_id + b.video_id ? -1 : 1);

/** @param rows one for each profile and title */
export const saveAll = (rows: readonly Row[]): Write =>
  upsert.with({
    rows: rowsText(
      rows
        .toSorted(byKey)
        .map((row, index) => [
          index,
          [
            row.profile_id,
            row.video_id,
            row.user_id,
            row.position_ms,
            row.duration_ms,
            row.finished,
            row.watched_at,
            row.updated_at,
          ],
        ]),
    ),
  });

export const offerNext = (profile_id: string, video_id: string, user_id: string): Write =>
  suggest.with({ profile_id, video_id, user_id, updated_at: now() });

/** Answers false when this profile has not watched it. */
export const remove = async (tx: Tx, profile_id: string, video_id: string, user_id: string): Promise<boolean> =>
  (await tx.run(removeOne, { profile_id, video_id, user_id })) > 0;

export const forgetProfile = (user_id: string, profile_id: string): Write =>
  removeOfProfile.with({ user_id, profile_id });
export const forgetUser = (user_id: string): Write => removeOfUser.with({ user_id });

interface OfProfile extends Paging {
  readonly profileId: string;
}

/** @param which all that a profile watched, or only what it has not seen to its end */
export async function list(
  db: Db,
  user_id: string,
  { profileId, cursor, limit = 20 }: OfProfile,
  which: "all" | "begun",
): Promise<PageOf<Watched>> {
  const after = decodeCursor(cursor, Latest);
  const rows = await db.query
    .selectFrom("watched_videos")
    .selectAll()
    .where("profile_id", "=", profileId)
    .where("user_id", "=", user_id)
    // What is only offered has no length yet.
    .$if(which === "all", (all) => all.where("duration_ms", ">", 0))
    .$if(which === "begun", (all) => all.where("finished", "=", raw.lit(0)))
    .$if(after !== null, (all) =>
      all.where((e) => e(e.refTuple("updated_at", "video_id"), "<", e.tuple(after![0], after![1]))),
    )
    .orderBy("updated_at", "desc")
    .orderBy("video_id", "desc")
    .limit(limit + 1)
    .execute();
  return page(rows, limit, toWatched, (row) => [row.updated_at, row.video_id]);
}

/** Of all profiles of a person. */
export async function listOwn(db: Db, user_id: string, { cursor, limit = 20 }: Paging): Promise<PageOf<Watched>> {
  const after = decodeCursor(cursor, Everywhere);
  const rows = await db.query
    .selectFrom("watched_videos")
    .selectAll()
    .where("user_id", "=", user_id)
    .$if(after !== null, (all) =>
      all.where((e) => e(e.refTuple("profile_id", "video_id"), ">", e.tuple(after![0], after![1]))),
    )
    .orderBy("profile_id")
    .orderBy("video_id")
    .limit(limit + 1)
    .execute();
  return page(rows, limit, toWatched, (row) => [row.profile_id, row.video_id]);
}
