/** What ffprobe says of an upload, read into what we encode, or refused. */

/** Frames per second, exact: 24000/1001 is no decimal number. */
export interface Rate {
  readonly numerator: number;
  readonly denominator: number;
}

/** Why a film cannot be encoded; the first word of each is stable. */
export type Refusal =
  | "NOT_A_VIDEO"
  | "NO_VIDEO_TRACK"
  | "TOO_LARGE"
  | "TOO_LONG"
  | "TRUNCATED"
  | "UNSUPPORTED"
  | "BROKEN";

export class RefusedSource extends Error {
  readonly reason: Refusal;

  constructor(reason: Refusal) {
    super(reason);
    this.reason = reason;
  }
}

export interface Track {
  /** Of the stream in its file. */
  readonly index: number;
  /** RFC 5646, or "und". */
  readonly language: string;
  readonly title: string | null;
}

export interface Source {
  /** As it is shown: with square pixels, turned upright. */
  readonly width: number;
  readonly height: number;
  readonly rate: Rate;
  /** The frames do not come at an even pace. */
  readonly isVariable: boolean;
  readonly isInterlaced: boolean;
  readonly seconds: number;
  /** When the file begins by its own clock: times below count from there. */
  readonly begin: number;
  /** Of the picture's stream. */
  readonly video: number;
  readonly audio: readonly Track[];
  /** Those that are text. */
  readonly subtitles: readonly Track[];
  readonly chapters: readonly { readonly from: number; readonly until: number; readonly title: string }[];
}

interface Stream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly r_frame_rate?: string;
  readonly avg_frame_rate?: string;
  readonly field_order?: string;
  readonly duration?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

export interface Probed {
  readonly streams?: readonly Stream[];
  readonly chapters?: readonly {
    readonly start_time: string;
    readonly end_time: string;
    readonly tags?: { readonly title?: string };
  }[];
  readonly format?: { readonly duration?: string; readonly start_time?: string; readonly format_name?: string };
}

/** Pixels: a picture larger than this would take more memory than an encoder may have. */
const WIDEST = 8192;
/** Tracks of a kind. */
const MOST_TRACKS = 16;
const MOST_CHAPTERS = 60;
const TEXT = new Set(["subrip", "ass", "ssa", "webvtt", "mov_text", "text"]);

/** The rates that cameras and studios use; a film at an uneven pace gets the nearest. */
const usual: readonly Rate[] = [
  { numerator: 24_000, denominator: 1001 },
  { numerator: 24, denominator: 1 },
  { numerator: 25, denominator: 1 },
  { numerator: 30_000, denominator: 1001 },
  { numerator: 30, denominator: 1 },
  { numerator: 50, denominator: 1 },
  { numerator: 60_000, denominator: 1001 },
  { numerator: 60, denominator: 1 },
];

function ratio(text = "", separator = "/"): Rate | null {
  const [numerator, denominator] = text.split(separator).map(Number);
  return numerator! > 0 && denominator! > 0 ? { numerator: numerator!, denominator: denominator! } : null;
}
const valueOf = ({ numerator, denominator }: Rate): number => numerator / denominator;

function paceOf({ r_frame_rate, avg_frame_rate }: Stream): Pick<Source, "rate" | "isVariable"> {
  const base = ratio(r_frame_rate);
  const average = ratio(avg_frame_rate) ?? base;
  if (!average) throw new RefusedSource("BROKEN");
  const isEven = base !== null && Math.abs(valueOf(base) / valueOf(average) - 1) < 0.005;
  if (isEven && valueOf(base) >= 5 && valueOf(base) <= 60) return { rate: base, isVariable: false };
  const distance = (rate: Rate) => Math.abs(Math.log(valueOf(rate) / valueOf(average)));
  const [nearest] = usual.toSorted((a, b) => distance(a) - distance(b));
  return { rate: nearest!, isVariable: true };
}

function shownSize({ width = 0, height = 0, sample_aspect_ratio, side_data_list = [] }: Stream) {
  if (width < 2 || height < 2) throw new RefusedSource("BROKEN");
  if (width > WIDEST || height > WIDEST) throw new RefusedSource("TOO_LARGE");
  const pixel = ratio(sample_aspect_ratio, ":");
  const shown = Math.round(width * (pixel ? Math.min(Math.max(valueOf(pixel), 1 / 4), 4) : 1));
  const isTurned = side_data_list.some(({ rotation = 0 }) => Math.abs(rotation) % 180 === 90);
  return isTurned ? { width: height, height: shown } : { width: shown, height };
}

const LANGUAGE = /^[a-z]{2,3}$/;
/** The three letters of ISO 639-2 that we know by two. */
const short: Readonly<Record<string, string>> = {
  eng: "en",
  kor: "ko",
  jpn: "ja",
  zho: "zh",
  chi: "zh",
  spa: "es",
  por: "pt",
  fra: "fr",
  fre: "fr",
  deu: "de",
  ger: "de",
  ita: "it",
  rus: "ru",
  vie: "vi",
};

function trackOf({ index, tags = {} }: Stream): Track {
  const language = (tags["language"] ?? "").toLowerCase();
  return {
    index,
    language: LANGUAGE.test(language) ? (short[language] ?? language) : "und",
    title: plain(tags["title"]),
  };
}

/** Text from the file, for playlists and pages: one short line without quotes and control characters. */
export const plain = (text: string | undefined): string | null =>
  text
    ?.normalize("NFC")
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}"]/gu, " ")
    .trim()
    .slice(0, 60)
    .trim() || null;

/** Written as a number, or by Matroska as 00:01:02.5. */
const secondsIn = (text = ""): number => text.split(":").reduce((sum, part) => 60 * sum + Number(part), 0);

interface Limits {
  /** Seconds. */
  readonly longest: number;
}

/** @throws RefusedSource */
export function sourceOf({ streams = [], chapters = [], format = {} }: Probed, { longest }: Limits): Source {
  const video = streams.find((one) => one.codec_type === "video" && one.disposition?.attached_pic !== 1);
  if (!video) throw new RefusedSource(streams.length > 0 ? "NO_VIDEO_TRACK" : "NOT_A_VIDEO");
  if (!video.codec_name || video.codec_name === "unknown") throw new RefusedSource("UNSUPPORTED");
  const seconds = secondsIn(video.duration ?? video.tags?.["DURATION"] ?? format.duration);
  if (!(seconds > 0)) throw new RefusedSource("NOT_A_VIDEO");
  if (seconds > longest) throw new RefusedSource("TOO_LONG");
  const ofType = (type: string) => streams.filter((one) => one.codec_type === type).slice(0, MOST_TRACKS);
  return {
    ...shownSize(video),
    ...paceOf(video),
    isInterlaced: ["tt", "bb", "tb", "bt"].includes(video.field_order ?? ""),
    seconds,
    begin: Number(format.start_time) || 0,
    video: video.index,
    audio: ofType("audio").map(trackOf),
    subtitles: ofType("subtitle")
      .filter(({ codec_name = "" }) => TEXT.has(codec_name))
      .map(trackOf),
    chapters: chapters.slice(0, MOST_CHAPTERS).map(({ start_time, end_time, tags = {} }, index) => ({
      from: Math.round(Number(start_time) * 1000),
      until: Math.round(Math.min(Number(end_time), seconds) * 1000),
      title: plain(tags.title) ?? `${index + 1}`,
    })),
  };
}

/** Seconds that a picture may end before its file says. */
const TOLERANCE = 3;

/**
 * The same with the exact end of its picture.
 * @param times of the last packets of the picture, in seconds by the clock of the file
 * @throws RefusedSource for a file whose end is missing, which often says at its beginning how long it was
 */
export function endedAt(source: Source, times: readonly number[]): Source {
  const { rate, begin } = source;
  const seconds = Math.max(0, ...times) - begin + rate.denominator / rate.numerator;
  if (times.length === 0 || seconds < source.seconds - TOLERANCE) throw new RefusedSource("TRUNCATED");
  return { ...source, seconds };
}

const SKIPPED: readonly (readonly [RegExp, "intro" | "recap" | "credits"])[] = [
  [/^(?:intro|opening)\b|^(?:오프닝|인트로)/iu, "intro"],
  [/^(?:recap|previously|지난 이야기)/iu, "recap"],
  [/^(?:(?:end )?credits|outro|ending|엔딩)/iu, "credits"],
];

/** What players offer to skip, by the chapter's name. */
export const chapterKind = (title: string): "chapter" | "intro" | "recap" | "credits" =>
  SKIPPED.find(([pattern]) => pattern.test(title))?.[1] ?? "chapter";
