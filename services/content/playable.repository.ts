/** What a viewer may watch here and now. */
import { timestamp } from "#core/clock.ts";
import type { Input, Output } from "#core/contract.ts";
import type { Language } from "#core/text.ts";
import { content } from "./content.contract.ts";
import { admit, folderOf, isPlayed, type Right, titleIn } from "./content.model.ts";
import { chaptersIn, offersOf, rungsIn, titlesIn } from "./content.projection.ts";
import { find, findPublished, type Row } from "./content.repository.ts";
import type { Db } from "./content.tables.ts";
import * as details from "./detail.repository.ts";
import { manifestOf } from "./encoding/release.model.ts";
import { next } from "./search.repository.ts";
import * as subtitles from "./subtitle.repository.ts";

/** The rights of the nearest that has some: of the episode, else of its season, else of the series. */
async function rightsFor(db: Db, { id, parent_id }: Row): Promise<Right[]> {
  const season = parent_id === null ? null : await find(db, parent_id);
  const above = [id, season?.id, season?.parent_id].filter((one) => typeof one === "string");
  const byVideo = Map.groupBy(await details.rightsOf(db, above), (one) => one.video_id);
  const nearest = above.find((one) => byVideo.has(one));
  return (byVideo.get(nearest ?? "") ?? []).map(details.toRight);
}

/**
 * @param now milliseconds since the epoch
 * @throws NOT_FOUND, NOT_AVAILABLE, PLAN_REQUIRED
 */
export async function playable(
  db: Db,
  { videoId, ...viewer }: Input<"content.getPlayable">,
  language: Language | undefined,
  now: number,
): Promise<Output<"content.getPlayable">> {
  const row = await findPublished(db, videoId);
  if (!isPlayed(row.kind)) throw content.error("NOT_FOUND");
  const until = admit(await rightsFor(db, row), viewer, now);
  return {
    videoId,
    title: titleIn(titlesIn(row), language),
    durationMs: row.duration_ms!,
    rating: row.rating,
    path: folderOf(videoId, row.release!),
    manifest: manifestOf(await subtitles.idsOf(db, videoId)),
    rungs: rungsIn(row),
    chapters: chaptersIn(row),
    next: (await next(db, row))?.id ?? null,
    until: until === null ? null : timestamp(until),
  };
}

/**
 * What is sold must be watchable by who buys it.
 * @param now milliseconds since the epoch
 * @throws NOT_FOUND, NOT_AVAILABLE
 */
export async function offer(
  db: Db,
  { videoId, region = null }: Input<"content.offer">,
  language: Language | undefined,
  now: number,
): Promise<Output<"content.offer">> {
  const row = await findPublished(db, videoId);
  const until = admit(await rightsFor(db, row), { region, plan: null, source: "purchase" }, now);
  const title = titleIn(titlesIn(row), language);
  return { videoId, title, ...offersOf(row), until: until === null ? null : timestamp(until) };
}
