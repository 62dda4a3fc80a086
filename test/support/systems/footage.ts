/** Films for specs, made by the ffmpeg of this machine. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findBinary } from "../../../scripts/cluster/binaries.ts";

interface Footage {
  readonly seconds: number;
  /** Frames per second, as ffmpeg takes them. */
  readonly rate?: string;
  readonly size?: string;
  readonly name?: string;
}

const ffmpeg = (...args: readonly string[]): void => {
  execFileSync(findBinary("ffmpeg"), ["-nostdin", "-v", "error", "-y", ...args], {
    stdio: ["ignore", "ignore", "inherit"],
  });
};

const folder = (): string => {
  const path = join(process.env.DATA_DIR!, "footage");
  mkdirSync(path, { recursive: true });
  return path;
};

const SUBTITLES = `1\n00:00:01,000 --> 00:00:02,500\nHello\n\n2\n00:00:03,000 --> 00:00:05,000\nGoodbye\n`;
const CHAPTERS = `;FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=Intro\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=6000\ntitle=The Yard\n`;

/** A film with two tracks of sound, two of text, and chapters; answers its path. */
export function film({ seconds, rate = "25", size = "640x360", name = "film.mkv" }: Footage): string {
  const path = join(folder(), name);
  const [text, chapters] = [join(folder(), "text.srt"), join(folder(), "chapters.txt")];
  writeFileSync(text, SUBTITLES);
  writeFileSync(chapters, CHAPTERS);
  ffmpeg(
    "-f",
    "lavfi",
    "-i",
    `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`,
    "-f",
    "lavfi",
    "-i",
    `sine=frequency=440:duration=${seconds}`,
    "-f",
    "lavfi",
    "-i",
    `sine=frequency=660:duration=${seconds}`,
    "-i",
    text,
    "-i",
    text,
    "-i",
    chapters,
    "-map",
    "0",
    "-map",
    "1",
    "-map",
    "2",
    "-map",
    "3",
    "-map",
    "4",
    "-map_chapters",
    "5",
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-c:a",
    "aac",
    "-c:s",
    "srt",
    "-metadata:s:a:0",
    "language=eng",
    "-metadata:s:a:1",
    "language=kor",
    "-metadata:s:s:0",
    "language=eng",
    "-metadata:s:s:1",
    "language=kor",
    path,
  );
  return path;
}

/** Sound without a picture. */
export function sound(): string {
  const path = join(folder(), "sound.m4a");
  ffmpeg("-f", "lavfi", "-i", "sine=duration=2", "-c:a", "aac", path);
  return path;
}

/** A picture of this size. */
export function picture(size: string): string {
  const path = join(folder(), "picture.png");
  ffmpeg("-f", "lavfi", "-i", `testsrc2=size=${size}`, "-frames:v", "1", path);
  return path;
}

/** Width and height of a picture. */
export const sizeOf = (path: string): string =>
  execFileSync("ffprobe", ["-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", path], {
    encoding: "utf8",
  }).trim();

/** What ffmpeg writes of these arguments, as text. */
export const ffmpegText = (...args: readonly string[]): string =>
  execFileSync(findBinary("ffmpeg"), ["-nostdin", "-v", "error", ...args], { encoding: "utf8", maxBuffer: 2 ** 28 });

/** The frames of a picture in the order they are shown: microseconds, and whether each is a keyframe. */
export function framesOf(playlist: string): { readonly time: number; readonly isKey: boolean }[] {
  const fields = ["-show_entries", "packet=pts_time,flags", "-select_streams", "v", "-of", "csv=p=0"];
  const text = execFileSync("ffprobe", ["-v", "error", ...fields, playlist], { encoding: "utf8" });
  const frames = text.split("\n").flatMap((line) => {
    const [time, flags] = line.split(",");
    return flags === undefined ? [] : [{ time: Math.round(Number(time) * 1e6), isKey: flags.startsWith("K") }];
  });
  return frames.toSorted((a, b) => a.time - b.time);
}
