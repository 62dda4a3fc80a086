/** All SQL of encodings. Every move names the state before it, so that of several only one happens. */
import { timestamp } from "#core/clock.ts";
import { columns } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { type ContentTables, type Db, type EncodingState, sql } from "../content.tables.ts";

export type EncodingRow = ContentTables["encodings"];

const insert = sql(
  (q, p: Pick<EncodingRow, "id" | "video_id" | "source_id" | "publishes" | "created_at" | "revision">) =>
    q
      .insertInto("encodings")
      .values({
        ...columns(p, "id", "video_id", "source_id", "publishes", "created_at", "revision"),
        state: "checking",
        swept: 0,
      })
      .onConflict((one) => one.doNothing()),
);
const findOne = sql((q, p: { id: string }) => q.selectFrom("encodings").selectAll().where("id", "=", p.id));
const findLast = sql((q, p: { video_id: string }) =>
  q.selectFrom("encodings").selectAll().where("video_id", "=", p.video_id).orderBy("id", "desc").limit(1),
);
const begin = sql((q, p: { id: string; plan: string }) =>
  q
    .updateTable("encodings")
    .set((e) => ({ state: "encoding", plan: p.plan, revision: e("revision", "+", 1) }))
    .where("id", "=", p.id)
    .where("state", "=", "checking"),
);
const touch = sql((q, p: { id: string }) =>
  q
    .updateTable("encodings")
    .set((e) => ({ revision: e("revision", "+", 1) }))
    .where("id", "=", p.id),
);
const end = sql((q, p: Pick<EncodingRow, "id" | "state" | "failure" | "detail" | "ended_at">) =>
  q
    .updateTable("encodings")
    .set((e) => ({ ...columns(p, "state", "failure", "detail", "ended_at"), revision: e("revision", "+", 1) }))
    .where("id", "=", p.id)
    .where("state", "in", ["checking", "encoding"]),
);
const setProcessing = sql((q, p: { id: string }) =>
  q
    .updateTable("videos")
    .set({ state: "processing", failure: null })
    .where("id", "=", p.id)
    // What is published stays so, and plays the release before.
    .where("state", "in", ["draft", "ready", "failed"]),
);
const setUnplayed = sql((q, p: { id: string; state: "failed" | "draft"; failure: string | null }) =>
  q
    .updateTable("videos")
    .set((e) => ({
      state: e
        .case()
        .when("release", "is", null)
        .then(p.state)
        .else("ready" as const)
        .end(),
      failure: p.failure,
    }))
    .where("id", "=", p.id)
    .where("state", "=", "processing"),
);
type Played = Pick<ContentTables["videos"], "id" | "release" | "duration_ms" | "rungs" | "frame_id">;
const setRelease = sql((q, p: Played & { chapters: string }) =>
  q
    .updateTable("videos")
    .set((e) => ({
      ...columns(p, "release", "duration_ms", "rungs", "frame_id"),
      // What staff have written stays.
      chapters: e.case().when("chapters", "=", "[]").then(p.chapters).else(e.ref("chapters")).end(),
      state: e
        .case()
        .when("state", "=", "published")
        .then("published" as const)
        .else("ready" as const)
        .end(),
      failure: null,
      version: e("version", "+", 1),
    }))
    .where("id", "=", p.id)
    .where("state", "<>", "removed"),
);

export const add = (row: Pick<EncodingRow, "id" | "video_id" | "source_id" | "publishes" | "revision">): Write[] => [
  insert.with({ ...row, created_at: timestamp() }),
  setProcessing.with({ id: row.video_id }),
];

export const find = (db: Db, id: string): Promise<EncodingRow | undefined> => db.one(findOne, { id });
export const last = (db: Db, videoId: string): Promise<EncodingRow | undefined> =>
  db.one(findLast, { video_id: videoId });

/** It happened already, or was cancelled. */
export class Ended extends Error {
  override message = "This encoding has ended.";
}
const once = (write: Write): Write => required(write, () => new Ended());

export const planned = (id: string, plan: object): Write => once(begin.with({ id, plan: JSON.stringify(plan) }));

/** What is shown live has changed. */
export const changed = (id: string): Write => touch.with({ id });

const ended = (id: string, state: EncodingState, failure: string | null = null, detail: string | null = null): Write =>
  end.with({ id, state, failure, detail, ended_at: timestamp() });

/** Of several that end it, one does. */
export const complete = (
  { id, video_id }: Pick<EncodingRow, "id" | "video_id">,
  played: Omit<Played, "id" | "release"> & { readonly chapters: string },
): Write[] => [once(ended(id, "done")), setRelease.with({ ...played, id: video_id, release: id })];

export const fail = (
  { id, video_id }: Pick<EncodingRow, "id" | "video_id">,
  failure: string,
  detail: string,
): Write[] => [
  once(ended(id, "failed", failure, detail)),
  setUnplayed.with({ id: video_id, state: "failed", failure }),
];

/** Changes nothing when it has ended. */
export const cancel = ({ id, video_id }: Pick<EncodingRow, "id" | "video_id">): Write[] => [
  ended(id, "cancelled"),
  setUnplayed.with({ id: video_id, state: "draft", failure: null }),
];
