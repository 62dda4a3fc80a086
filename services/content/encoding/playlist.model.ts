/** Playlists of HLS (RFC 8216bis) and the track of thumbnails, written from what was encoded. */
import { OFFSET, SPRITE } from "./command.model.ts";
import type { Rung } from "./ladder.model.ts";
import type { Rate } from "./probe.model.ts";

export interface Segment {
  /** In the folder of its track. */
  readonly name: string;
  readonly seconds: number;
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

const lines = (...all: readonly (string | readonly string[])[]): string => `${all.flat().join("\n")}\n`;

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

interface Figures {
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

export interface Variant extends Figures {
  readonly rung: Rung;
  readonly codec: string;
}
export interface Rendition {
  /** Its folder. */
  readonly folder: string;
  readonly language: string;
  readonly name: string;
}
interface Master {
  readonly variants: readonly Variant[];
  readonly rate: Rate;
  readonly audio: readonly (Rendition & Figures)[];
  readonly subtitles: readonly Rendition[];
}

const attributes = (values: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
const quoted = (text: string): string => `"${text}"`;

const rendition = (
  type: "AUDIO" | "SUBTITLES",
  group: string,
  { folder, language, name }: Rendition,
  isFirst: boolean,
) =>
  `#EXT-X-MEDIA:${attributes({
    TYPE: type,
    "GROUP-ID": quoted(group),
    NAME: quoted(name),
    LANGUAGE: quoted(language),
    DEFAULT: isFirst && type === "AUDIO" ? "YES" : "NO",
    AUTOSELECT: "YES",
    CHANNELS: type === "AUDIO" ? quoted("2") : undefined,
    URI: quoted(`${folder}/index.m3u8`),
  })}`;

/** Bits per second that a player must be able to get: of the largest segments of picture and sound together. */
export const bandwidthOf = ({ peak }: Figures, audio: readonly Figures[]): number =>
  peak + Math.max(0, ...audio.map((one) => one.peak));

/** The multivariant playlist of these variants, lowest first. */
export function masterPlaylist({ variants, rate, audio, subtitles }: Master): string {
  const sound = Math.max(0, ...audio.map(({ average }) => average));
  const streams = variants.flatMap((one) => [
    `#EXT-X-STREAM-INF:${attributes({
      BANDWIDTH: bandwidthOf(one, audio),
      "AVERAGE-BANDWIDTH": one.average + sound,
      CODECS: quoted([one.codec, ...(audio.length > 0 ? ["mp4a.40.2"] : [])].join(",")),
      RESOLUTION: `${one.rung.width}x${one.rung.lines}`,
      "FRAME-RATE": (rate.numerator / rate.denominator).toFixed(3),
      "VIDEO-RANGE": "SDR",
      AUDIO: audio.length > 0 ? quoted("sound") : undefined,
      SUBTITLES: subtitles.length > 0 ? quoted("text") : undefined,
      "CLOSED-CAPTIONS": "NONE",
    })}`,
    `${one.rung.name}/index.m3u8`,
  ]);
  return lines(
    ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"],
    audio.map((one, index) => rendition("AUDIO", "sound", one, index === 0)),
    subtitles.map((one, index) => rendition("SUBTITLES", "text", one, index === 0)),
    streams,
  );
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

/** The codec of H.264 as players want it told (RFC 6381), from the `avcC` box of an initialisation segment. */
export function codecIn(init: Uint8Array): string {
  const box = Buffer.from(init);
  const at = box.indexOf("avcC");
  if (at < 0) throw new Error("The initialisation segment tells no codec.");
  return `avc1.${box.subarray(at + 5, at + 8).toString("hex")}`;
}
