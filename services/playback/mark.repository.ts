/** All SQL of what profiles keep for later, and what they like. */
import Type from "typebox";
import { now, timestamp } from "#core/clock.ts";
import { decodeCursor, page, type PageOf, type Paging } from "#core/cursor.ts";
import { Id } from "#core/schema.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Kept, Liked } from "./history.contract.ts";
import { playback } from "./playback.contract.ts";
import type { Db, MarkRow as Row, PlaybackTables, Tx } from "./playback.tables.ts";

const sql = statements<PlaybackTables>();

type One = Pick<Row, "profile_id" | "kind" | "video_id" | "user_id">;
type OfProfile = Pick<Row, "profile_id" | "user_id">;

const upsert = sql((q, p: Row) =>
  q
    .insertInto("marks")
    .values(columns(p, "profile_id", "kind", "video_id", "user_id", "value", "updated_at"))
    .onConflict((one) =>
      one.columns(["profile_id", "kind", "video_id"]).doUpdateSet((e) => ({
        value: e.ref("excluded.value"),
        updated_at: e.ref("excluded.updated_at"),
      })),
    ),
);
const findOne = sql((q, p: One) =>
  q
    .selectFrom("marks")
    .selectAll()
    .where("profile_id", "=", p.profile_id)
    .where("kind", "=", p.kind)
    .where("video_id", "=", p.video_id)
    .where("user_id", "=", p.user_id),
);
const countOf = sql((q, p: Pick<Row, "profile_id" | "kind">) =>
  q
    .selectFrom("marks")
    .select((e) => e.fn.countAll<number>().as("rows"))
    .where("profile_id", "=", p.profile_id)
    .where("kind", "=", p.kind),
);
const removeOne = sql((q, p: One) =>
  q
    .deleteFrom("marks")
    .where("profile_id", "=", p.profile_id)
    .where("kind", "=", p.kind)
    .where("video_id", "=", p.video_id)
    .where("user_id", "=", p.user_id),
);
const removeOfProfile = sql((q, p: OfProfile) =>
  q.deleteFrom("marks").where("profile_id", "=", p.profile_id).where("user_id", "=", p.user_id),
);
const removeOfUser = sql((q, p: Pick<Row, "user_id">) => q.deleteFrom("marks").where("user_id", "=", p.user_id));

const Latest = Type.Tuple([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Id]);
const Everywhere = Type.Tuple([Id, Id]);

export const toKept = (row: Row): Kept => ({
  videoId: row.video_id,
  profileId: row.profile_id,
  addedAt: timestamp(row.updated_at),
});
export const toLiked = (row: Row): Liked => ({
  videoId: row.video_id,
  profileId: row.profile_id,
  likes: row.value === 1,
  updatedAt: timestamp(row.updated_at),
});

/** A mark of a profile, which says yes unless it is changed. */
export const markOf = (
  kind: Row["kind"],
  user_id: string,
  { profileId, videoId }: { readonly profileId: string; readonly videoId: string },
): Omit<Row, "updated_at"> => ({ kind, user_id, profile_id: profileId, video_id: videoId, value: 1 });

/** The mark as it is now. The same mark again keeps its place. @throws LIST_FULL when the profile has `most` */
export async function save(tx: Tx, mark: Omit<Row, "updated_at">, most: number): Promise<Row> {
  tx.lock(`marks:${mark.profile_id}:${mark.kind}`);
  const [found, counted] = await tx.ask(findOne.with(mark), countOf.with(mark));
  const before = found.rows[0];
  if (before?.value === mark.value) return before;
  if (!before && counted.rows[0]!.rows >= most) throw playback.error("LIST_FULL", { most });
  const row = { ...mark, updated_at: now() };
  tx.add(upsert.with(row));
  return row;
}

/** @throws NOT_FOUND when there is no such mark */
export async function remove(tx: Tx, mark: One): Promise<void> {
  if ((await tx.run(removeOne, mark)) === 0) throw playback.error("NOT_FOUND");
}

export const forgetProfile = (user_id: string, profile_id: string): Write =>
  removeOfProfile.with({ user_id, profile_id });
export const forgetUser = (user_id: string): Write => removeOfUser.with({ user_id });

export async function list<Item>(
  db: Db,
  user_id: string,
  { profileId, cursor, limit = 20 }: Paging & { readonly profileId: string },
  kind: Row["kind"],
  toItem: (row: Row) => Item,
): Promise<PageOf<Item>> {
  const after = decodeCursor(cursor, Latest);
  const rows = await db.query
    .selectFrom("marks")
    .selectAll()
    .where("profile_id", "=", profileId)
    .where("kind", "=", kind)
    .where("user_id", "=", user_id)
    .$if(after !== null, (all) =>
      all.where((e) => e(e.refTuple("updated_at", "video_id"), "<", e.tuple(after![0], after![1]))),
    )
    .orderBy("updated_at", "desc")
    .orderBy("video_id", "desc")
    .limit(limit + 1)
    .execute();
  return page(rows, limit, toItem, (row) => [row.updated_at, row.video_id]);
}

/** Of all profiles of a person. */
export async function listOwn<Item>(
  db: Db,
  user_id: string,
  { cursor, limit = 20 }: Paging,
  kind: Row["kind"],
  toItem: (row: Row) => Item,
): Promise<PageOf<Item>> {
  const after = decodeCursor(cursor, Everywhere);
  const rows = await db.query
    .selectFrom("marks")
    .selectAll()
    .where("user_id", "=", user_id)
    .where("kind", "=", kind)
    .$if(after !== null, (all) =>
      all.where((e) => e(e.refTuple("profile_id", "video_id"), ">", e.tuple(after![0], after![1]))),
    )
    .orderBy("profile_id")
    .orderBy("video_id")
    .limit(limit + 1)
    .execute();
  return page(rows, limit, toItem, (row) => [row.profile_id, row.video_id]);
}
