/** The sample film, made by ffmpeg alone: moving colours with two tracks of sound, subtitles in both languages, and chapters. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sourceKey } from "../content.model.ts";
import { run } from "./program.provider.ts";
import type { Workshop } from "./work.provider.ts";

const SECONDS = 40;

const lines = {
  en: [
    "This film was made on your machine.",
    "Change the quality, the sound and the subtitles.",
    "Here it ends. Thank you.",
  ],
  ko: [
    "이 영상은 지금 이 컴퓨터에서 만들어졌습니다.",
    "화질과 음성, 자막을 바꿔 보세요.",
    "여기까지입니다. 감사합니다.",
  ],
};
const starts = [2, 14, 34];

const subtitles = (texts: readonly string[]): string =>
  texts
    .map((text, index) => `${index + 1}\n${clock(starts[index]!)},000 --> ${clock(starts[index]! + 4)},000\n${text}\n`)
    .join("\n");
const clock = (seconds: number): string => `00:00:${String(seconds).padStart(2, "0")}`;

const chapter = (title: string, from: number, until: number): string =>
  `[CHAPTER]\nTIMEBASE=1/1\nSTART=${from}\nEND=${until}\ntitle=${title}\n`;
const chapters = [
  ";FFMETADATA1\n",
  chapter("Intro", 0, 8),
  chapter("The Yard", 8, 33),
  chapter("Credits", 33, SECONDS),
].join("");

const colours = `testsrc2=size=854x480:rate=25:duration=${SECONDS},format=yuv420p`;
const tone = (hertz: number): string =>
  `sine=frequency=${hertz}:beep_factor=4:sample_rate=48000:duration=${SECONDS},volume=0.2`;

/** Stores it as what was uploaded for this encoding. */
export async function makeSample({ programs, storage, folder, encoding, signal }: Workshop): Promise<void> {
  await writeFile(join(folder, "en.srt"), subtitles(lines.en));
  await writeFile(join(folder, "ko.srt"), subtitles(lines.ko));
  await writeFile(join(folder, "chapters.txt"), chapters);
  const inputs = ["-f", "lavfi", "-i", colours, "-f", "lavfi", "-i", tone(220), "-f", "lavfi", "-i", tone(330)];
  const texts = ["-i", "en.srt", "-i", "ko.srt", "-i", "chapters.txt"];
  const maps = [0, 1, 2, 3, 4].flatMap((input) => ["-map", String(input)]);
  const languages = ["a", "s"].flatMap((kind) =>
    ["eng", "kor"].flatMap((language, index) => [`-metadata:s:${kind}:${index}`, `language=${language}`]),
  );
  const coders = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-crf",
    "18",
    "-threads",
    "1",
    "-c:a",
    "aac",
    "-c:s",
    "srt",
  ];
  const output = [...maps, "-map_chapters", "5", ...coders, ...languages, "sample.mkv"];
  const args = ["-nostdin", "-v", "error", "-y", ...inputs, ...texts, ...output];
  await run(programs, "ffmpeg", args, { seconds: 1200, silence: 1200, bytes: 2 ** 28, cwd: folder, signal });
  await storage.put(sourceKey(encoding.source_id), { file: join(folder, "sample.mkv") });
}
