/** The arguments of ffmpeg and ffprobe. The file is hostile: nothing but this one file may be opened, by known demuxers. */
import { type Chunk, type Cut, type Rung, secondsOf } from "./ladder.model.ts";
import type { Source } from "./probe.model.ts";

/** Arguments that belong together. */
const flags = (...all: readonly string[]): readonly string[] => all;

/** A closed list: playlists, concatenations and pictures by pattern would open other files. */
const DEMUXERS = ["mov", "matroska", "mpegts", "mpeg", "avi", "flv", "asf", "ogg", "mxf", "wav", "mp3", "aac", "flac"];

const input = (file: string): string[] => [
  "-protocol_whitelist",
  "file",
  "-format_whitelist",
  DEMUXERS.join(","),
  "-i",
  `file:${file}`,
];

const PICTURES = ["jpeg_pipe", "png_pipe", "webp_pipe"];
/** Pixels of a picture: a small file may be an enormous one. */
const MOST_PIXELS = 50_000_000;

/** A picture that somebody has uploaded. */
export const imageInput = (file: string): string[] => [
  ...flags("-protocol_whitelist", "file", "-format_whitelist", PICTURES.join(","), "-max_pixels", String(MOST_PIXELS)),
  ...flags("-i", `file:${file}`),
];

/** It complains of errors alone, and says each ten seconds that it goes on. */
const QUIET = [
  ...flags("-hide_banner", "-nostdin", "-v", "error", "-y"),
  ...flags("-progress", "pipe:1", "-stats_period", "10"),
];

/** Asks for all that `sourceOf` reads. */
export const probe = (file: string): string[] => [
  ...flags("-v", "error", "-of", "json", "-show_streams", "-show_chapters", "-show_format"),
  ...input(file),
];

/** Asks for the time of each packet of the picture in the last seconds, as lines of numbers. */
export const probeEnd = (file: string, { video, seconds, begin }: Source): string[] => [
  ...flags("-v", "error", "-of", "csv=p=0", "-show_entries", "packet=pts_time", "-select_streams", String(video)),
  ...flags("-read_intervals", `${Math.max(0, begin + seconds - END).toFixed(3)}%`),
  ...input(file),
];
const END = 10;

/** Seconds before the beginning of what we make, so that no decoding time is negative. */
export const OFFSET = 10;
/** Seconds that are read before a chunk of a film at an uneven pace, for a frame that is still shown when it begins. */
const PREROLL = 10;

const time = (seconds: number): string => Math.max(0, seconds).toFixed(6);

/** The files of an HLS output in its folder. */
const hls = (folder: string, number: number, seconds: number): string[] => [
  "-f",
  "hls",
  "-hls_time",
  time(seconds),
  "-hls_playlist_type",
  "vod",
  "-hls_segment_type",
  "fmp4",
  "-hls_segment_options",
  "movflags=+frag_discont",
  "-hls_flags",
  "independent_segments+temp_file",
  "-start_number",
  String(number),
  "-hls_fmp4_init_filename",
  "init.mp4",
  "-hls_segment_filename",
  `${folder}/seg-%06d.m4s`,
  `${folder}/index.m3u8`,
];

export interface Encoding {
  readonly preset: string;
  readonly threads: number;
}

/** Seconds between two pictures of the sprites, and their size. */
export const SPRITE = { seconds: 5, width: 160, columns: 4 } as const;

/** Cuts between two frames, so that rounding cannot move one to another chunk. */
function beginOf(cut: Cut, { first }: Chunk, preroll: number): { from: number; shift: number } {
  const begin = first - preroll;
  return begin === 0 ? { from: 0, shift: 0 } : { from: secondsOf(begin - 0.5, cut.rate), shift: 0.5 };
}

/** Every rung gets the same frames at the same times, whatever the pace of the source. */
function frames(source: Source, cut: Cut, chunk: Chunk, preroll: number): string[] {
  const { numerator, denominator } = cut.rate;
  const { shift } = beginOf(cut, chunk, preroll);
  return [
    `setpts=PTS-${shift}*${denominator}/${numerator}/TB`,
    ...(source.isInterlaced ? ["bwdif=mode=send_frame"] : []),
    `fps=${numerator}/${denominator}:start_time=0`,
    ...(preroll > 0 ? [`trim=start_frame=${preroll}`, "setpts=PTS-STARTPTS"] : []),
    // A frame at the end that is missing is the one before it once more.
    "tpad=stop=-1:stop_mode=clone",
  ];
}

const picture = ({ width, lines }: Rung): string[] => [
  `scale=${width}:${lines}:flags=bicubic`,
  "setsar=1",
  "format=yuv420p",
];

const coder = (rung: Rung, cut: Cut, { preset, threads }: Encoding): string[] => [
  "-c:v",
  "libx264",
  "-profile:v",
  "high",
  "-preset",
  preset,
  "-crf",
  "23",
  "-maxrate",
  String(rung.rate),
  "-bufsize",
  String(2 * rung.rate),
  "-g",
  String(cut.gop),
  "-keyint_min",
  String(cut.gop),
  "-sc_threshold",
  "0",
  "-flags",
  "+cgop+bitexact",
  "-threads",
  String(threads),
];

const bare = ["-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"];

interface Work {
  readonly file: string;
  readonly source: Source;
  readonly cut: Cut;
  readonly chunk: Chunk;
  /** Lowest first. */
  readonly rungs: readonly Rung[];
  readonly encoding: Encoding;
}

/**
 * All rungs of a chunk and its sprite by one process, which decodes the source once. Each rung has a folder of its name, which
 * must be there.
 */
export function encodeChunk({ file, source, cut, chunk, rungs, encoding }: Work): string[] {
  const preroll = source.isVariable ? Math.min(chunk.first, Math.round(PREROLL / secondsOf(1, cut.rate))) : 0;
  const { from } = beginOf(cut, chunk, preroll);
  const length = secondsOf(chunk.frames + preroll + 1, cut.rate);
  const copies = rungs.map((_, index) => `[c${index}]`).join("");
  const graph = [
    `[0:${source.video}]${frames(source, cut, chunk, preroll).join(",")},split=${rungs.length + 1}${copies}[t]`,
    ...rungs.map((rung, index) => `[c${index}]${picture(rung).join(",")}[v${index}]`),
    `[t]${spriteOf(cut, chunk, rungs[0]!).filters}[s]`,
  ];
  const begin = time(secondsOf(chunk.first, cut.rate) + OFFSET);
  return [
    ...QUIET,
    ...flags("-ss", time(from), "-t", time(length)),
    ...input(file),
    ...flags("-filter_complex", graph.join(";")),
    ...rungs.flatMap((rung, index) => [
      ...flags("-map", `[v${index}]`, ...bare, "-frames:v", String(chunk.frames)),
      ...coder(rung, cut, encoding),
      ...flags("-fflags", "+bitexact", "-output_ts_offset", begin),
      // Shorter by half a frame, so that rounding does not make a segment of three groups of pictures.
      ...hls(rung.name, chunk.segment, secondsOf(cut.segment - 0.5, cut.rate)),
    ]),
    ...flags("-map", "[s]", "-frames:v", "1", "-q:v", "5", "-f", "image2", "-update", "1", "sprite.jpg"),
  ];
}

/** The pictures of a chunk's sprite. */
export function spriteOf(cut: Cut, { frames }: Chunk, { width, lines }: Rung) {
  const height = 2 * Math.round((SPRITE.width * lines) / width / 2);
  const count = Math.max(1, Math.ceil(secondsOf(frames, cut.rate) / SPRITE.seconds));
  const rows = Math.ceil(count / SPRITE.columns);
  const size = `scale=${SPRITE.width}:${height},setsar=1,format=yuvj420p`;
  const length = secondsOf(frames, cut.rate).toFixed(6);
  return {
    count,
    height,
    filters: `trim=duration=${length},fps=1/${SPRITE.seconds}:round=up:start_time=0,${size},tile=${SPRITE.columns}x${rows}`,
  };
}

/** One track of sound, whole: cut into pieces it would click where they meet. */
export const encodeAudio = (file: string, index: number, seconds: number): string[] => [
  ...QUIET,
  ...input(file),
  ...flags("-map", `0:${index}`, "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
  // Silence where the sound begins later than the picture, or ends before it.
  ...flags("-af", `aresample=48000:async=1:first_pts=0,apad,atrim=end=${time(seconds)}`),
  ...flags("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000", "-flags", "+bitexact", "-fflags", "+bitexact"),
  ...flags("-output_ts_offset", String(OFFSET)),
  ...hls(".", 1, 4),
];

export const extractSubtitles = (file: string, index: number): string[] => [
  ...QUIET,
  ...input(file),
  ...flags(
    "-map",
    `0:${index}`,
    "-map_metadata",
    "-1",
    "-map_chapters",
    "-1",
    "-c:s",
    "webvtt",
    "-f",
    "webvtt",
    "subtitles.vtt",
  ),
];
