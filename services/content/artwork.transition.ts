/** What staff add to a video beside its film: posters and subtitles, from what they have uploaded. */
import { buffer } from "node:stream/consumers";
import type { Service } from "moleculer";
import { timestamp } from "#core/clock.ts";
import type { Input } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { storageOf } from "#mixins/storage/open.ts";
import type { Subtitles } from "./artwork.contract.ts";
import { content } from "./content.contract.ts";
import { isPlayed, posterKey, sourceKey } from "./content.model.ts";
import * as videos from "./content.repository.ts";
import type { ContentTables } from "./content.tables.ts";
import * as chunks from "./encoding/chunk.repository.ts";
import type { Encoder } from "./encoding/encoder.mixin.ts";
import * as encodings from "./encoding/encoding.repository.ts";
import { addTexts } from "./encoding/finish.provider.ts";
import { posterOf } from "./encoding/poster.provider.ts";
import { plain } from "./encoding/probe.model.ts";
import { LARGEST, webvttOf } from "./subtitle.model.ts";
import * as subtitles from "./subtitle.repository.ts";

interface Host extends Service {
  readonly db: Database<ContentTables>;
  readonly encoder: Encoder;
}

/** Bytes of a picture that is read. */
const LARGEST_PICTURE = 20 * 1024 * 1024;
/** Languages in which a film may have subtitles that were added. */
const MOST = 40;
/** How often a change is tried while others change the same film. */
const TRIES = 4;

/** What was uploaded. @throws SOURCE_NOT_FOUND; and what `refusal` says of a file that is larger */
async function uploaded({ broker }: Service, sourceId: string, most: number, refusal: () => Error): Promise<Buffer> {
  const found = await (await storageOf(broker)).read(sourceKey(sourceId));
  if (!found) throw content.error("SOURCE_NOT_FOUND");
  if (found.size <= most) return buffer(found.stream);
  found.stream.destroy();
  throw refusal();
}

/** Stores it before any row names it. @returns its name. @throws NOT_FOUND, SOURCE_NOT_FOUND, IMAGE_INVALID */
export async function addPoster(host: Host, { id, sourceId }: Input<"content.setPoster">): Promise<string> {
  await videos.find(host.db, id);
  const invalid = () => content.error("IMAGE_INVALID");
  const upload = await uploaded(host, sourceId, LARGEST_PICTURE, invalid);
  const picture = await host.encoder.bench((bench) => posterOf(bench, upload));
  if (!picture) throw invalid();
  const posterId = newId();
  await (await storageOf(host.broker)).put(posterKey(id, posterId), picture);
  return posterId;
}

/** @throws NOT_FOUND */
export async function poster({ broker }: Service, { id, posterId }: Input<"content.getPoster">) {
  const found = await (await storageOf(broker)).read(posterKey(id.toLowerCase(), posterId.toLowerCase()));
  if (!found) throw content.error("NOT_FOUND");
  const picture = await buffer(found.stream);
  return { name: `${posterId}.jpg`, mediaType: "image/jpeg" as const, content: picture.toString("base64") };
}

const shown = ({ language, name, created_at }: subtitles.SubtitlesRow): Subtitles => ({
  language,
  name,
  createdAt: created_at,
});

/** @throws NOT_FOUND */
export async function listed({ db }: Host, id: string): Promise<{ items: Subtitles[] }> {
  await videos.find(db, id);
  return { items: (await subtitles.of(db, id)).map(shown) };
}

/** @throws NOT_FOUND, NOT_PLAYED, SOURCE_NOT_FOUND, SUBTITLES_INVALID, SUBTITLES_FULL, CHANGED_MEANWHILE */
export async function setSubtitles(host: Host, asked: Input<"content.setSubtitles">): Promise<Subtitles> {
  const { id, language, sourceId, name } = asked;
  const { kind } = await videos.find(host.db, id);
  if (!isPlayed(kind)) throw content.error("NOT_PLAYED");
  const tooLarge = () => content.error("SUBTITLES_INVALID", { line: 0, reason: "TOO_LARGE" });
  const text = webvttOf(await uploaded(host, sourceId, LARGEST, tooLarge));
  const about = { id: newId(), video_id: id, language, name: plain(name), text, created_at: timestamp() };
  await change(host, id, (rows) => {
    const others = rows.filter((row) => row.language !== language);
    if (others.length >= MOST) throw content.error("SUBTITLES_FULL", { most: MOST });
    return [...others, about].toSorted((a, b) => (a.language < b.language ? -1 : 1));
  });
  return shown(about);
}

/** @throws NOT_FOUND, CHANGED_MEANWHILE */
export async function removeSubtitles(host: Host, { id, language }: Input<"content.removeSubtitles">): Promise<void> {
  await videos.find(host.db, id);
  await change(host, id, (rows) => {
    const others = rows.filter((row) => row.language !== language);
    if (others.length === rows.length) throw content.error("NOT_FOUND");
    return others;
  });
}

type Rows = readonly subtitles.SubtitlesRow[];

/**
 * The files for other subtitles are written first. Then the rows change, if nothing else has changed: what is played follows from
 * them. A session that has begun keeps those with which it began.
 */
async function change(host: Host, id: string, edit: (rows: Rows) => Rows): Promise<void> {
  const { db } = host;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await subtitles.of(db, id);
    const after = edit(before);
    const { release } = await videos.find(db, id);
    await written(host, release, after);
    const isDone = await db.write(async (tx) => {
      const isSame = await subtitles.areStill(tx, id, before);
      if (!isSame || (await videos.find(tx, id)).release !== release) return false;
      const [gone, come] = [before.filter((row) => !after.includes(row)), after.filter((row) => !before.includes(row))];
      for (const { language } of gone) tx.add(subtitles.remove(id, language));
      for (const row of come) tx.add(subtitles.add(row));
      return true;
    });
    if (isDone) return;
  }
  throw content.error("CHANGED_MEANWHILE");
}

async function written({ db, broker }: Host, release: string | null, rows: Rows): Promise<void> {
  const encoding = release === null ? undefined : await encodings.find(db, release);
  if (encoding?.plan) await addTexts(await storageOf(broker), encoding, await chunks.list(db, encoding.id), rows);
}
