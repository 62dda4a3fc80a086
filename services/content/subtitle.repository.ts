/** All SQL of subtitles that were added to films. */
import { columns } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { type ContentTables, type Db, sql, type Tx } from "./content.tables.ts";

export type SubtitlesRow = ContentTables["subtitles"];

const listOf = sql((q, p: { video_id: string }) =>
  q.selectFrom("subtitles").selectAll().where("video_id", "=", p.video_id).orderBy("language"),
);
const listIds = sql((q, p: { video_id: string }) =>
  q.selectFrom("subtitles").select("id").where("video_id", "=", p.video_id).orderBy("language"),
);
const insert = sql((q, p: SubtitlesRow) =>
  q.insertInto("subtitles").values(columns(p, "id", "video_id", "language", "name", "text", "created_at")),
);
const removeOne = sql((q, p: Pick<SubtitlesRow, "video_id" | "language">) =>
  q.deleteFrom("subtitles").where("video_id", "=", p.video_id).where("language", "=", p.language),
);
const removeAll = sql((q, p: { video_id: string }) => q.deleteFrom("subtitles").where("video_id", "=", p.video_id));

/** By language. */
export const of = (db: Db, videoId: string): Promise<SubtitlesRow[]> => db.all(listOf, { video_id: videoId });

/** By language, without their texts. */
export const idsOf = async (db: Db, videoId: string): Promise<string[]> =>
  (await db.all(listIds, { video_id: videoId })).map(({ id }) => id);

export const remove = (videoId: string, language: string): Write => removeOne.with({ video_id: videoId, language });

/** Whether a film has these still. Changes of its subtitles take turns until this transaction ends. */
export async function areStill(tx: Tx, videoId: string, rows: readonly Pick<SubtitlesRow, "id">[]): Promise<boolean> {
  tx.lock(`subtitles:${videoId}`);
  return (await idsOf(tx, videoId)).join() === rows.map(({ id }) => id).join();
}

export const add = (row: SubtitlesRow): Write => insert.with(row);

export const forget = (videoId: string): Write => removeAll.with({ video_id: videoId });
