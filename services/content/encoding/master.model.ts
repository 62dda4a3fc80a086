/** The multivariant playlist of HLS (RFC 8216bis): what of a film there is, and what a player must be able to get for each. */
import type { Rung } from "./ladder.model.ts";
import { type Figures, lines } from "./playlist.model.ts";
import type { Rate } from "./probe.model.ts";

export interface Variant extends Figures {
  readonly rung: Rung;
  readonly codec: string;
  /** Of its keyframes, where they are known. */
  readonly frames: Figures | null;
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
    variants.flatMap(frameStream),
  );
}

/** Where a player finds the keyframes of a variant: without sound and text. */
const frameStream = ({ rung, codec, frames }: Variant): string[] =>
  frames
    ? [
        `#EXT-X-I-FRAME-STREAM-INF:${attributes({
          BANDWIDTH: frames.peak,
          "AVERAGE-BANDWIDTH": frames.average,
          CODECS: quoted(codec),
          RESOLUTION: `${rung.width}x${rung.lines}`,
          "VIDEO-RANGE": "SDR",
          URI: quoted(`${rung.name}/iframes.m3u8`),
        })}`,
      ]
    : [];
