/** Playlists of HLS (RFC 8216bis) and the track of thumbnails, written from what was encoded. */
import { OFFSET, SPRITE } from "./command.model.ts";

export interface Segment {
  /** In the folder of its track. */
  readonly name: string;
  readonly seconds: number;
  readonly bytes: number;
  /** Its keyframe, with what a player needs to read it alone; absent for sound, and from nodes of earlier releases. */
  readonly frame?: Part;
}

/** Bytes of a file. */
export interface Part {
  readonly from: number;
  readonly bytes: number;
}

/** What one chunk of a rung, or a track of sound or text, has become. */
export interface TrackResult {
  /** The name of its initialisation segment, which tells its content. */
  readonly init?: string;
  readonly segments?: readonly Segment[];
  /** RFC 6381, of the picture. */
  readonly codec?: string;
  /** SHA-256 of the segments, one after the other. */
  readonly checksum?: string;
  /** A track of text that holds nothing. */
  readonly isEmpty?: boolean;
}

/** What one chunk of the picture has become: all rungs, by their names. */
export interface PictureResult {
  readonly rungs: Readonly<Record<string, TrackResult>>;
  readonly sprite: { readonly name: string; readonly count: number; readonly height: number };
}

export const lines = (...all: readonly (string | readonly string[])[]): string => `${all.flat().join("\n")}\n`;

/** A rung, or a track of sound: its chunks in their order. */
export function mediaPlaylist(chunks: readonly TrackResult[]): string {
  const segments = chunks.flatMap(({ init, segments = [] }) => segments.map((one) => ({ ...one, init })));
  const target = Math.max(...segments.map(({ seconds }) => Math.round(seconds)));
  const listed = segments.flatMap(({ name, seconds, init }, index) => [
    // One serves all, unless nodes with different programs took part.
    ...(init === segments[index - 1]?.init ? [] : [`#EXT-X-MAP:URI="${init}"`]),
    `#EXTINF:${seconds.toFixed(6)},`,
    name,
  ]);
  return lines(
    ["#EXTM3U", "#EXT-X-VERSION:7", `#EXT-X-TARGETDURATION:${target}`, "#EXT-X-MEDIA-SEQUENCE:1"],
    ["#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS", ...listed, "#EXT-X-ENDLIST"],
  );
}

/**
 * The keyframe of each segment, for what is shown while a viewer seeks and scans; each is shown until the next.
 * @returns null when a segment tells of none
 */
export function framesPlaylist(chunks: readonly TrackResult[]): string | null {
  const frames = framesIn(chunks);
  if (!frames) return null;
  const listed = frames.flatMap(({ name, seconds, frame, init }, index) => [
    ...(init === frames[index - 1]?.init ? [] : [`#EXT-X-MAP:URI="${init}"`]),
    `#EXTINF:${seconds.toFixed(6)},`,
    `#EXT-X-BYTERANGE:${frame.bytes}@${frame.from}`,
    name,
  ]);
  const target = Math.max(...frames.map(({ seconds }) => Math.round(seconds)));
  return lines(
    ["#EXTM3U", "#EXT-X-VERSION:7", `#EXT-X-TARGETDURATION:${target}`, "#EXT-X-MEDIA-SEQUENCE:1"],
    ["#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-I-FRAMES-ONLY", ...listed, "#EXT-X-ENDLIST"],
  );
}

function framesIn(chunks: readonly TrackResult[]) {
  const segments = chunks.flatMap(({ init, segments = [] }) => segments.map((one) => ({ ...one, init })));
  const frames = segments.flatMap(({ frame, ...one }) => (frame ? [{ ...one, frame }] : []));
  return frames.length === segments.length && frames.length > 0 ? frames : null;
}

/** Of the keyframes alone; null when a segment tells of none. */
export function frameFigures(chunks: readonly TrackResult[]): Figures | null {
  const segments = framesIn(chunks)?.map(({ frame, ...one }) => ({ ...one, bytes: frame.bytes }));
  return segments ? figuresOf([{ segments }]) : null;
}

/** A track of text is one file. */
export const subtitlesPlaylist = (seconds: number): string =>
  lines(
    ["#EXTM3U", "#EXT-X-VERSION:7", `#EXT-X-TARGETDURATION:${Math.ceil(seconds)}`, "#EXT-X-MEDIA-SEQUENCE:1"],
    ["#EXT-X-PLAYLIST-TYPE:VOD", `#EXTINF:${seconds.toFixed(6)},`, "subtitles.vtt", "#EXT-X-ENDLIST"],
  );

/** Ties the times of a track of text to those of the picture, which begin later (RFC 8216, section 3.5). */
export const mappedSubtitles = (text: string): string =>
  text.replace(
    /^WEBVTT[^\n]*\n/,
    (header) => `${header}X-TIMESTAMP-MAP=MPEGTS:${OFFSET * 90_000},LOCAL:00:00:00.000\n`,
  );

export interface Figures {
  /** Bits per second of the largest segment, and of all. */
  readonly peak: number;
  readonly average: number;
}

export function figuresOf(chunks: readonly TrackResult[]): Figures {
  const segments = chunks.flatMap(({ segments = [] }) => segments);
  const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
  const rates = segments.map(({ bytes, seconds }) => (8 * bytes) / seconds);
  const average = (8 * sum(segments.map(({ bytes }) => bytes))) / sum(segments.map(({ seconds }) => seconds));
  return { peak: Math.ceil(Math.max(0, ...rates)), average: Math.ceil(average || 0) };
}

function clock(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  const part = (value: number, size: number) => String(value).padStart(size, "0");
  const [whole, rest] = [Math.floor(milliseconds / 1000), milliseconds % 1000];
  return `${part(Math.floor(whole / 3600), 2)}:${part(Math.floor(whole / 60) % 60, 2)}:${part(whole % 60, 2)}.${part(rest, 3)}`;
}

interface Sprite {
  /** Seconds of the film. */
  readonly from: number;
  readonly seconds: number;
  readonly path: string;
  readonly count: number;
  readonly height: number;
}

/** A WebVTT track whose cues are parts of pictures (media fragments). */
export function thumbnails(sprites: readonly Sprite[]): string {
  const cues = sprites.flatMap(({ from, seconds, path, count, height }) =>
    Array.from({ length: count }, (_, index) => {
      const [begin, end] = [index * SPRITE.seconds, Math.min((index + 1) * SPRITE.seconds, seconds)];
      const [x, y] = [SPRITE.width * (index % SPRITE.columns), height * Math.floor(index / SPRITE.columns)];
      return [
        "",
        `${clock(from + begin)} --> ${clock(from + end)}`,
        `${path}#xywh=${x},${y},${SPRITE.width},${height}`,
      ];
    }).flat(),
  );
  return lines("WEBVTT", cues);
}
