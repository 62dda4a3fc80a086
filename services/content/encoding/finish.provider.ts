/** The end of an encoding: playlists are written from what the chunks have become, and nothing else stays in the folder. */
import { folderOf } from "../content.model.ts";
import type { ChunkRow } from "./chunk.repository.ts";
import { chunkOf, secondsOf } from "./ladder.model.ts";
import { durationOf, namesOf, PICTURE, type Plan } from "./plan.model.ts";
import * as playlists from "./playlist.model.ts";
import { chapterKind } from "./probe.model.ts";
import type { Workshop } from "./work.provider.ts";

/** All pieces of a film in their order. */
interface Pieces {
  /** Of a rung, or a track of sound or text. */
  of(track: string): readonly playlists.TrackResult[];
  readonly pictures: readonly playlists.PictureResult[];
}

function piecesIn(rows: readonly ChunkRow[]): Pieces {
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

/** What players read, by its path in the folder. It depends on the chunks alone, so that doing it twice changes nothing. */
function textsOf(plan: Plan, pieces: Pieces) {
  const { source, cut, rungs } = plan;
  const texts = new Map<string, string>();
  const variants = rungs.map((rung) => {
    const results = pieces.of(rung.name);
    texts.set(`${rung.name}/index.m3u8`, playlists.mediaPlaylist(results));
    return { rung, codec: results[0]!.codec!, ...playlists.figuresOf(results) };
  });
  const audioNames = namesOf(source.audio);
  const audio = source.audio.map(({ language }, index) => {
    const folder = `audio-${index}`;
    const results = pieces.of(folder);
    texts.set(`${folder}/index.m3u8`, playlists.mediaPlaylist(results));
    return { folder, language, name: audioNames[index]!, ...playlists.figuresOf(results) };
  });
  const subtitleNames = namesOf(source.subtitles);
  const subtitles = source.subtitles.flatMap(({ language }, index) => {
    const folder = `subtitles-${index}`;
    if (pieces.of(folder)[0]?.isEmpty) return [];
    texts.set(`${folder}/index.m3u8`, playlists.subtitlesPlaylist(durationOf(plan) / 1000));
    return [{ folder, language, name: subtitleNames[index]! }];
  });
  for (const [index, { rung }] of variants.entries()) {
    const isTop = index === variants.length - 1;
    const shown = { variants: variants.slice(0, index + 1), rate: cut.rate, audio, subtitles };
    texts.set(isTop ? "main.m3u8" : `main-${rung.height}.m3u8`, playlists.masterPlaylist(shown));
  }
  texts.set("thumbs.vtt", playlists.thumbnails(spritesOf(plan, pieces)));
  const rungFigures = variants.map((one) => ({
    height: one.rung.height,
    bandwidth: playlists.bandwidthOf(one, audio),
  }));
  return { texts, rungs: rungFigures };
}

const spritesOf = ({ cut, rungs }: Plan, { pictures }: Pieces) =>
  pictures.map(({ sprite }, position) => {
    const chunk = chunkOf(cut, position);
    const [from, seconds] = [secondsOf(chunk.first, cut.rate), secondsOf(chunk.frames, cut.rate)];
    return { ...sprite, from, seconds, path: `${rungs[0]!.name}/${sprite.name}` };
  });

/** Everything in the folder that somebody may ask for. */
function wanted(plan: Plan, texts: ReadonlyMap<string, string>, pieces: Pieces): Set<string> {
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

/** @returns what the video's row tells of the film */
export async function finish({ storage, encoding, signal }: Workshop, plan: Plan, rows: readonly ChunkRow[]) {
  const pieces = piecesIn(rows);
  const { texts, rungs } = textsOf(plan, pieces);
  const folder = folderOf(encoding.video_id, encoding.id);
  // The playlist of all comes last: whoever finds it finds what it names.
  for (const [path, text] of [...texts].toSorted(([a], [b]) => Number(a === "main.m3u8") - Number(b === "main.m3u8"))) {
    signal.throwIfAborted();
    await storage.put(`${folder}/${path}`, Buffer.from(text));
  }
  const known = wanted(plan, texts, pieces);
  for await (const { key } of storage.list(folder))
    if (!known.has(key.slice(folder.length + 1))) await storage.remove(key);
  const chapters = plan.source.chapters.map((one) => ({ ...one, kind: chapterKind(one.title) }));
  return { duration_ms: durationOf(plan), rungs: JSON.stringify(rungs), chapters: JSON.stringify(chapters) };
}
