/** The end of an encoding: playlists are written from what the chunks have become, and nothing else stays in the folder. */
import type { Storage } from "#mixins/storage/storage.ts";
import { folderOf } from "../content.model.ts";
import type { ChunkRow } from "./chunk.repository.ts";
import type { EncodingRow } from "./encoding.repository.ts";
import { durationOf, type Plan } from "./plan.model.ts";
import { keepFrame } from "./poster.provider.ts";
import { chapterKind } from "./probe.model.ts";
import { type Added, manifestOf, piecesIn, textsOf, wanted } from "./release.model.ts";
import type { Workshop } from "./work.provider.ts";

/** @returns what the video's row tells of the film */
export async function finish(shop: Workshop, plan: Plan, rows: readonly ChunkRow[], added: readonly Added[]) {
  const { storage, encoding, signal } = shop;
  const pieces = piecesIn(rows);
  const { texts, rungs } = textsOf(plan, pieces, added);
  const folder = folderOf(encoding.video_id, encoding.id);
  const frame_id = await keepFrame(shop, plan, pieces);
  // The playlists of all come last: whoever finds one finds what it names.
  for (const [path, text] of [...texts].toSorted(([a], [b]) => Number(isMain(a)) - Number(isMain(b)))) {
    signal.throwIfAborted();
    await storage.put(`${folder}/${path}`, Buffer.from(text));
  }
  const known = wanted(plan, texts, pieces);
  for await (const { key } of storage.list(folder))
    if (!known.has(key.slice(folder.length + 1))) await storage.remove(key);
  const chapters = plan.source.chapters.map((one) => ({ ...one, kind: chapterKind(one.title) }));
  return {
    duration_ms: durationOf(plan),
    rungs: JSON.stringify(rungs),
    chapters: JSON.stringify(chapters),
    frame_id,
  };
}

const isMain = (path: string): boolean => path.startsWith("main");

/** Writes what players read of other subtitles than those before, into a film that is encoded. */
export async function addTexts(
  storage: Storage,
  encoding: EncodingRow,
  rows: readonly ChunkRow[],
  added: readonly Added[],
): Promise<void> {
  if (added.length === 0) return;
  const { texts } = textsOf(JSON.parse(encoding.plan!) as Plan, piecesIn(rows), added);
  const folder = folderOf(encoding.video_id, encoding.id);
  const main = manifestOf(added.map(({ id }) => id)).replace(".m3u8", "");
  const isNew = (path: string) => path.startsWith(main) || path.startsWith("text-");
  for (const [path, text] of [...texts]
    .filter(([path]) => isNew(path))
    .toSorted(([a], [b]) => Number(isMain(a)) - Number(isMain(b))))
    await storage.put(`${folder}/${path}`, Buffer.from(text), { ifAbsent: true });
}
