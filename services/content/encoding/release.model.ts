/** What players read of a film, as text: it follows from the chunks and the subtitles that were added, and from nothing else. */
import { createHash } from "node:crypto";
import type { ContentTables } from "../content.tables.ts";
import { chunkOf, secondsOf } from "./ladder.model.ts";
import { bandwidthOf, masterPlaylist, type Rendition } from "./master.model.ts";
import { durationOf, namesOf, PICTURE, type Plan } from "./plan.model.ts";
import * as playlists from "./playlist.model.ts";

type ChunkRow = ContentTables["chunks"];
/** Subtitles that people have added. */
export type Added = Pick<ContentTables["subtitles"], "id" | "language" | "name" | "text">;

/** The playlist of everything, which is another file for other subtitles, because no file ever changes. */
export function manifestOf(addedIds: readonly string[]): string {
  if (addedIds.length === 0) return "main.m3u8";
  return `main-${createHash("sha256").update(addedIds.join()).digest("hex").slice(0, 12)}.m3u8`;
}

/** All pieces of a film in their order. */
export interface Pieces {
  /** Of a rung, or a track of sound or text. */
  of(track: string): readonly playlists.TrackResult[];
  readonly pictures: readonly playlists.PictureResult[];
}

export function piecesIn(rows: readonly ChunkRow[]): Pieces {
  const byTrack = Map.groupBy(rows, ({ track }) => track);
  const resultsOf = (track: string): unknown[] =>
    (byTrack.get(track) ?? [])
      .toSorted((a, b) => a.position - b.position)
      .map(({ result }) => JSON.parse(result!) as unknown);
  const pictures = resultsOf(PICTURE) as playlists.PictureResult[];
  const isRung = (track: string) => pictures[0]?.rungs[track] !== undefined;
  return {
    pictures,
    of: (track) =>
      isRung(track) ? pictures.map(({ rungs }) => rungs[track]!) : (resultsOf(track) as playlists.TrackResult[]),
  };
}

/** What players read, by its path in the folder: without the subtitles that were added, which some nodes know nothing of, and with them. */
export function textsOf(plan: Plan, pieces: Pieces, added: readonly Added[]) {
  const { source, cut, rungs } = plan;
  const texts = new Map<string, string>();
  const variants = rungs.map((rung) => {
    const results = pieces.of(rung.name);
    texts.set(`${rung.name}/index.m3u8`, playlists.mediaPlaylist(results));
    const frames = playlists.framesPlaylist(results);
    if (frames !== null) texts.set(`${rung.name}/iframes.m3u8`, frames);
    const figures = { ...playlists.figuresOf(results), frames: playlists.frameFigures(results) };
    return { rung, codec: results[0]!.codec!, ...figures };
  });
  const audioNames = namesOf(source.audio);
  const audio = source.audio.map(({ language }, index) => {
    const folder = `audio-${index}`;
    const results = pieces.of(folder);
    texts.set(`${folder}/index.m3u8`, playlists.mediaPlaylist(results));
    return { folder, language, name: audioNames[index]!, ...playlists.figuresOf(results) };
  });
  const own = ownSubtitles(plan, pieces);
  for (const set of added.length > 0 ? [[], added] : [[]]) {
    const subtitles = subtitlesOf(own, set);
    const length = durationOf(plan) / 1000;
    for (const { folder } of subtitles) texts.set(`${folder}/index.m3u8`, playlists.subtitlesPlaylist(length));
    for (const { id, text } of set) texts.set(`${folderOf(id)}/subtitles.vtt`, playlists.mappedSubtitles(text));
    const main = manifestOf(set.map(({ id }) => id));
    for (const [index, { rung }] of variants.entries()) {
      const isTop = index === variants.length - 1;
      const shown = { variants: variants.slice(0, index + 1), rate: cut.rate, audio, subtitles };
      texts.set(isTop ? main : main.replace(".m3u8", `-${rung.height}.m3u8`), masterPlaylist(shown));
    }
  }
  texts.set("thumbs.vtt", playlists.thumbnails(spritesOf(plan, pieces)));
  const rungFigures = variants.map((one) => ({
    height: one.rung.height,
    bandwidth: bandwidthOf(one, audio),
  }));
  return { texts, rungs: rungFigures };
}

const folderOf = (id: string): string => `text-${id}`;

interface Words {
  readonly folder: string;
  readonly language: string;
  readonly title: string | null;
}

const ownSubtitles = ({ source }: Plan, pieces: Pieces): Words[] =>
  source.subtitles.flatMap(({ language, title }, index) => {
    const folder = `subtitles-${index}`;
    return pieces.of(folder)[0]?.isEmpty ? [] : [{ folder, language, title }];
  });

/** Those that were added take the place of the film's own in their languages. */
function subtitlesOf(own: readonly Words[], added: readonly Added[]): Rendition[] {
  const languages = new Set(added.map(({ language }) => language));
  const kept = own.filter(({ language }) => !languages.has(language));
  const all = [...kept, ...added.map(({ id, language, name }) => ({ folder: folderOf(id), language, title: name }))];
  const names = namesOf(all);
  return all.map(({ folder, language }, index) => ({ folder, language, name: names[index]! }));
}

const spritesOf = ({ cut, rungs }: Plan, { pictures }: Pieces) =>
  pictures.map(({ sprite }, position) => {
    const chunk = chunkOf(cut, position);
    const [from, seconds] = [secondsOf(chunk.first, cut.rate), secondsOf(chunk.frames, cut.rate)];
    return { ...sprite, from, seconds, path: `${rungs[0]!.name}/${sprite.name}` };
  });

/** Everything in the folder that somebody may ask for. */
export function wanted(plan: Plan, texts: ReadonlyMap<string, string>, pieces: Pieces): Set<string> {
  const { audio, subtitles } = plan.source;
  const sounds = audio.map((_, index) => `audio-${index}`);
  const segments = [...plan.rungs.map(({ name }) => name), ...sounds].flatMap((track) =>
    pieces
      .of(track)
      .flatMap(({ init, segments = [] }) =>
        [init!, ...segments.map(({ name }) => name)].map((name) => `${track}/${name}`),
      ),
  );
  const words = subtitles.map((_, index) => `subtitles-${index}/subtitles.vtt`);
  return new Set([...texts.keys(), ...segments, ...words, ...spritesOf(plan, pieces).map(({ path }) => path)]);
}
