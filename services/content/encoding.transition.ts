/** The moves of an encoding that staff make. */
import { newId } from "#core/id.ts";
import type { Storage } from "#mixins/storage/storage.ts";
import { content } from "./content.contract.ts";
import { isPlayed, sourceKey } from "./content.model.ts";
import * as videos from "./content.repository.ts";
import type { Db, Tx } from "./content.tables.ts";
import * as chunks from "./encoding/chunk.repository.ts";
import { encodingOf } from "./encoding/encoding.projection.ts";
import * as encodings from "./encoding/encoding.repository.ts";
import { CHECK, type Piece } from "./encoding/plan.model.ts";
import type { Encoding } from "./encoding.contract.ts";

/** The last one of a video. @throws NOT_FOUND */
export async function last(db: Db, videoId: string): Promise<encodings.EncodingRow> {
  await videos.find(db, videoId);
  const row = await encodings.last(db, videoId);
  if (!row) throw content.error("NOT_FOUND");
  return row;
}

export const shown = async (db: Db, row: encodings.EncodingRow): Promise<Encoding> =>
  encodingOf(row, await chunks.list(db, row.id));

/**
 * The upload that is named, else the one of what is played, which stays as long as the video. Before its transaction, which can
 * await nothing but SQL.
 * @throws NOT_FOUND, SOURCE_NOT_FOUND
 */
export async function sourceOf(db: Db, storage: Storage, { id, sourceId }: Partial<Asked> & { id: string }) {
  const source = sourceId ?? (await encodings.find(db, (await videos.find(db, id)).release ?? ""))?.source_id;
  if (source === undefined || !(await storage.stat(sourceKey(source)))) throw content.error("SOURCE_NOT_FOUND");
  return source;
}

interface Asked {
  readonly id: string;
  readonly sourceId: string;
  readonly publish?: boolean;
}

/**
 * @param first what is done first
 * @throws NOT_FOUND, NOT_PLAYED, ENCODING_IN_PROGRESS
 */
export async function begin(
  tx: Tx,
  { id: videoId, sourceId, publish = false }: Asked,
  first: Piece = CHECK,
): Promise<Encoding> {
  const { kind } = await videos.find(tx, videoId);
  if (!isPlayed(kind)) throw content.error("NOT_PLAYED");
  const id = newId();
  // Who follows the encodings of a video has seen those before.
  const revision = ((await encodings.last(tx, videoId))?.revision ?? 0) + 1;
  tx.add(...encodings.add({ id, video_id: videoId, source_id: sourceId, publishes: publish ? 1 : 0, revision }));
  const row = await encodings.find(tx, id);
  if (!row) throw content.error("ENCODING_IN_PROGRESS");
  tx.add(chunks.add({ ...first, encoding_id: id }));
  return encodingOf(row, []);
}

/** Changes nothing when it has ended. @returns the id of what was cancelled */
export async function cancel(tx: Tx, videoId: string): Promise<string | null> {
  const row = await encodings.last(tx, videoId);
  if (row?.state !== "checking" && row?.state !== "encoding") return null;
  tx.add(...encodings.cancel(row), chunks.giveUp(row.id));
  return row.id;
}
