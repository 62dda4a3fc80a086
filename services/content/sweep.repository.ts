/** What is known of files that may have to go. */
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { posterKey } from "./content.model.ts";
import { type Db, sql } from "./content.tables.ts";
import type { Release, Use } from "./sweep.model.ts";

const unplayed = sql((q, p: { after: string; limit: number }) =>
  q
    .selectFrom("encodings as e")
    .innerJoin("videos as v", "v.id", "e.video_id")
    .leftJoin("encodings as played", "played.id", "v.release")
    .select(["e.id", "e.video_id", "e.state", "e.ended_at", "v.state as video_state"])
    .select("played.ended_at as replaced_at")
    .where("e.swept", "=", 0)
    .where("e.id", ">", p.after)
    .where("e.state", "in", ["done", "failed", "cancelled"])
    .where((w) => w.or([w("v.state", "=", "removed"), w("v.release", "is", null), w("v.release", "<>", w.ref("e.id"))]))
    .orderBy("e.id")
    .limit(p.limit),
);
const setSwept = sql((q, p: { id: string }) => q.updateTable("encodings").set({ swept: 1 }).where("id", "=", p.id));
const listUses = sql((q, p: { ids: string }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("encodings as e", "e.source_id", "given.key")
    .innerJoin("videos as v", "v.id", "e.video_id")
    .select(["e.source_id", "e.state", "e.ended_at", "v.state as video_state"]),
);

const listPosters = sql((q, p: { ids: string }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("videos as v", "v.id", "given.key")
    .select(["v.id", "v.poster_id", "v.frame_id"])
    .where("v.state", "<>", "removed"),
);

export interface Unplayed extends Release {
  readonly id: string;
  readonly videoId: string;
}

const PAGE = 100;

/** Encodings that have ended and are not played, whose files may still be there. */
export async function* unplayedReleases(db: Db): AsyncGenerator<Unplayed> {
  let after = "";
  for (;;) {
    const rows = await db.all(unplayed, { after, limit: PAGE });
    for (const { id, video_id, state, ended_at, video_state, replaced_at } of rows)
      yield {
        id,
        videoId: video_id,
        state,
        endedAt: Date.parse(ended_at!),
        isRemoved: video_state === "removed",
        replacedAt: replaced_at === null ? null : Date.parse(replaced_at),
      };
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.id;
  }
}

/** Its files have been removed for the last time. */
export const forget = (db: Db, id: string): Promise<number> => db.run(setSwept, { id });

/** The keys of the posters that these videos show, or would show again. */
export async function postersOf(db: Db, videoIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.all(listPosters, { ids: rowsText([...new Set(videoIds)].map((id) => [id, 0])) });
  return new Set(
    rows.flatMap(({ id, poster_id, frame_id }) =>
      [poster_id, frame_id].flatMap((picture) => (picture === null ? [] : [posterKey(id, picture)])),
    ),
  );
}

/** What each of these uploads was named for. */
export async function usesOf(db: Db, sourceIds: readonly string[]): Promise<(sourceId: string) => readonly Use[]> {
  const rows = await db.all(listUses, { ids: rowsText(sourceIds.map((id) => [id, 0])) });
  const bySource = Map.groupBy(rows, ({ source_id }) => source_id);
  return (sourceId) =>
    (bySource.get(sourceId) ?? []).map(({ state, ended_at, video_state }) => ({
      state,
      endedAt: ended_at === null ? null : Date.parse(ended_at),
      isRemoved: video_state === "removed",
    }));
}
