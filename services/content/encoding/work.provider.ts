/** The work itself: the check of a source, a chunk with all rungs, a track of sound, a track of text. */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Storage } from "#mixins/storage/storage.ts";
import { config } from "../content.config.ts";
import { folderOf, sourceKey } from "../content.model.ts";
import type { ChunkRow } from "./chunk.repository.ts";
import * as commands from "./command.model.ts";
import type { EncodingRow } from "./encoding.repository.ts";
import { codecIn, firstFrame } from "./box.model.ts";
import { chunkOf, secondsOf } from "./ladder.model.ts";
import { PICTURE, type Plan, planOf } from "./plan.model.ts";
import { mappedSubtitles, type PictureResult, type Segment, type TrackResult } from "./playlist.model.ts";
import { endedAt, type Probed, RefusedSource, type Source, sourceOf } from "./probe.model.ts";
import { ProgramError, type Programs, run } from "./program.provider.ts";

/** Where programs of this machine work. */
export interface Bench {
  readonly programs: Programs;
  /** Of this piece of work alone. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface Workshop extends Bench {
  readonly storage: Storage;
  /** Works on the source as a file of this machine. */
  readonly source: <T>(work: (file: string) => Promise<T>) => Promise<T>;
  readonly encoding: EncodingRow;
}

const MEGABYTE = 2 ** 20;
/** Seconds that a process may take: to begin at all, and for each second of the film. A busy machine is slow. */
const [PATIENCE, PER_SECOND] = [300, 60];
/** The same for its sound and its texts, which take a hundredth of that. */
const PER_SECOND_OF_SOUND = 2;
/** Bytes of any file beside what its rate allows. */
const ROOM = 16 * MEGABYTE;

/** @throws RefusedSource */
export async function check(shop: Workshop): Promise<Plan> {
  const about = await shop.storage.stat(sourceKey(shop.encoding.source_id));
  if (!about || about.size === 0) throw new RefusedSource("NOT_A_VIDEO");
  if (about.size > config.CONTENT_LARGEST * MEGABYTE) throw new RefusedSource("TOO_LARGE");
  return shop.source(async (file) => {
    const source = sourceOf(await probed(shop, file), { longest: config.CONTENT_LONGEST * 60 });
    const encoding = { preset: config.CONTENT_PRESET, threads: config.CONTENT_ENCODER_THREADS };
    return planOf(endedAt(source, await timesAtEnd(shop, file, source)), encoding, config.CONTENT_CHUNK);
  });
}

const limits = ({ folder, signal }: Workshop, seconds: number, bytes: number, each = PER_SECOND) => ({
  seconds: PATIENCE + each * seconds,
  silence: PATIENCE,
  bytes: Math.ceil(bytes + ROOM),
  cwd: folder,
  signal,
});

async function probed(shop: Workshop, file: string): Promise<Probed> {
  try {
    return JSON.parse(await run(shop.programs, "ffprobe", commands.probe(file), limits(shop, 0, 0))) as Probed;
  } catch (error) {
    if (!(error instanceof ProgramError) || error.kind === "full") throw error;
    throw new RefusedSource(
      /moov atom not found|partial file|truncat/i.test(error.message) ? "TRUNCATED" : "NOT_A_VIDEO",
    );
  }
}

/** Of the last packets of the picture; none when there are none, or they cannot be read. */
async function timesAtEnd(shop: Workshop, file: string, source: Source): Promise<number[]> {
  const text = await run(shop.programs, "ffprobe", commands.probeEnd(file, source), limits(shop, 0, 0)).catch(
    (error: unknown) => {
      if (error instanceof ProgramError && error.kind === "failed") return "";
      throw error;
    },
  );
  return text.split("\n").flatMap((line) => (/^\d/.test(line) ? [Number.parseFloat(line)] : []));
}

type Result = PictureResult | TrackResult;

/** Encodes one piece, and stores what comes of it. */
export const encode = (shop: Workshop, plan: Plan, { track, position, attempt }: ChunkRow): Promise<Result> =>
  shop.source<Result>((file) =>
    track === PICTURE
      ? encodePicture(shop, plan, { file, position, attempt })
      : encodeTrack(shop, plan, { file, track, attempt }),
  );

interface OtherTrack {
  readonly file: string;
  readonly track: string;
  readonly attempt: number;
}

/** A track of sound or text, whole. */
async function encodeTrack(shop: Workshop, plan: Plan, { file, track, attempt }: OtherTrack): Promise<TrackResult> {
  const { seconds, audio, subtitles } = plan.source;
  const [kind, index] = track.split("-");
  const isSound = kind === "audio";
  const stream = (isSound ? audio : subtitles)[Number(index)]!.index;
  const length = secondsOf(plan.cut.frames, plan.cut.rate);
  const args = isSound ? commands.encodeAudio(file, stream, length) : commands.extractSubtitles(file, stream);
  const bytes = isSound ? 40_000 * seconds : ROOM;
  await run(shop.programs, "ffmpeg", args, limits(shop, seconds, bytes, PER_SECOND_OF_SOUND));
  return isSound ? keep(shop, track, attempt, ".") : keepSubtitles(shop, track);
}

interface Picture {
  readonly file: string;
  readonly position: number;
  readonly attempt: number;
}

async function encodePicture(shop: Workshop, plan: Plan, { file, position, attempt }: Picture): Promise<PictureResult> {
  const { source, cut, encoding, rungs } = plan;
  const chunk = chunkOf(cut, position);
  const seconds = secondsOf(chunk.frames, cut.rate);
  for (const { name } of rungs) await mkdir(join(shop.folder, name));
  const args = commands.encodeChunk({ file, source, cut, chunk, rungs, encoding });
  await run(shop.programs, "ffmpeg", args, limits(shop, seconds, (rungs.at(-1)!.rate * seconds) / 4));
  const kept: Record<string, TrackResult> = {};
  for (const { name } of rungs) {
    const result = await keep(shop, name, attempt);
    const length = result.segments!.reduce((sum, one) => sum + one.seconds, 0);
    if (Math.abs(length - seconds) > secondsOf(0.5, cut.rate))
      throw new Error(`The chunk of ${name} has ${length} s instead of ${seconds} s.`);
    kept[name] = result;
  }
  return { rungs: kept, sprite: await keepSprite(shop, plan, position, attempt) };
}

/** Of an attempt after the first, so that one that lost its chunk overwrites nothing that is played. */
const named = (name: string, extension: string, attempt: number): string =>
  attempt === 1 ? `${name}.${extension}` : `${name}-${attempt}.${extension}`;

const keyOf = ({ encoding }: Workshop, ...path: readonly string[]): string =>
  [folderOf(encoding.video_id, encoding.id), ...path].join("/");

/** Stores the segments that the playlist names in a folder below this attempt's. */
async function keep(shop: Workshop, track: string, attempt: number, below = track): Promise<TrackResult> {
  const { storage, signal } = shop;
  const folder = join(shop.folder, below);
  const isPicture = !track.startsWith("audio");
  const init = await readFile(join(folder, "init.mp4"));
  const initName = `init-${createHash("sha256").update(init).digest("hex").slice(0, 12)}.mp4`;
  await storage.put(keyOf(shop, track, initName), init, { ifAbsent: true });
  const playlist = await readFile(join(folder, "index.m3u8"), "utf8");
  const checksum = createHash("sha256");
  const segments: Segment[] = [];
  for (const [, seconds, name] of playlist.matchAll(/#EXTINF:([\d.]+),\n(seg-\d+)\.m4s/g)) {
    signal.throwIfAborted();
    const path = join(folder, `${name}.m4s`);
    const kept = named(name!, "m4s", attempt);
    const bytes = await readFile(path);
    checksum.update(bytes);
    await storage.put(keyOf(shop, track, kept), { file: path });
    const frame = isPicture ? firstFrame(bytes) : null;
    segments.push({ name: kept, seconds: Number(seconds), bytes: bytes.byteLength, ...(frame && { frame }) });
  }
  if (segments.length === 0) throw new Error(`Nothing came of ${track}.`);
  const codec = isPicture ? { codec: codecIn(init) } : {};
  return { init: initName, segments, checksum: checksum.digest("hex"), ...codec };
}

async function keepSprite(shop: Workshop, { cut, rungs }: Plan, position: number, attempt: number) {
  const [rung] = rungs;
  const name = named(`sprite-${String(position + 1).padStart(4, "0")}`, "jpg", attempt);
  await shop.storage.put(keyOf(shop, rung!.name, name), { file: join(shop.folder, "sprite.jpg") });
  const { count, height } = commands.spriteOf(cut, chunkOf(cut, position), rung!);
  return { name, count, height };
}

async function keepSubtitles(shop: Workshop, track: string): Promise<TrackResult> {
  const text = await readFile(join(shop.folder, "subtitles.vtt"), "utf8");
  if (!text.includes("-->")) return { isEmpty: true };
  await shop.storage.put(keyOf(shop, track, "subtitles.vtt"), Buffer.from(mappedSubtitles(text)));
  return {};
}
