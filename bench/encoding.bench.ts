/**
 * A film by the content service, with its check, chunks, sound, thumbnails and storage, beside one bare ffmpeg that writes the same
 * ladder. Both take turns in one run; processor time holds also on a busy machine, time on the clock only on a quiet one.
 */
import { execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBinary } from "../scripts/cluster/binaries.ts";
import { type Cost, costOf } from "./support/cost.ts";
import type { Benchmark, Row } from "./support/table.ts";

const SECONDS = 60;
const ROUNDS = 3;
/** The ladder of a film of 480 lines: its pictures and most kilobits per second. */
const rungs = [
  ["426:240", 400],
  ["640:360", 900],
  ["854:480", 1600],
] as const;

const ffmpeg = findBinary("ffmpeg");
const words = (text: string): string[] => text.split(" ");

function makeSource(path: string): void {
  const picture = `testsrc2=size=854x480:rate=25:duration=${SECONDS},noise=alls=8:allf=t,format=yuv420p`;
  const sound = `sine=frequency=440:duration=${SECONDS}`;
  const coders = words("-c:v libx264 -preset veryfast -crf 20 -c:a aac -shortest");
  execFileSync(ffmpeg, [...words("-v error -y -f lavfi -i"), picture, ...words("-f lavfi -i"), sound, ...coders, path]);
}

/** What one would type: everything in one process, from the beginning to the end. */
async function bareLadder(source: string, folder: string): Promise<void> {
  const hls = words("-f hls -hls_time 4 -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags independent_segments");
  const coder = words(
    "-c:v libx264 -profile:v high -preset veryfast -crf 23 -g 50 -keyint_min 50 -sc_threshold 0 -threads 2",
  );
  const scaled = rungs.map(([size], index) => `[c${index}]scale=${size},setsar=1[v${index}]`);
  const graph = `[0:v]split=${rungs.length}${rungs.map((_, index) => `[c${index}]`).join("")};${scaled.join(";")}`;
  const outputs = rungs.flatMap(([, rate], index) => {
    const rates = words(`-maxrate ${rate}k -bufsize ${2 * rate}k`);
    return ["-map", `[v${index}]`, ...coder, ...rates, ...hls, `${folder}/v${index}.m3u8`];
  });
  const sound = words("-map 0:a -c:a aac -b:a 128k -ac 2 -ar 48000");
  const args = [...words("-nostdin -v error -y -i"), source, "-filter_complex", graph, ...outputs, ...sound, ...hls];
  mkdirSync(folder);
  const child = spawn(ffmpeg, [...args, `${folder}/a.m3u8`], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`The bare ladder ended with ${code}.`);
}

/** In a process of its own, which has settings of its own. */
async function ourLadder(source: string, dataDir: string): Promise<Cost> {
  const env = { ...process.env, DATA_DIR: dataDir, LOG_LEVEL: "warn" };
  const child = fork(join(import.meta.dirname, "baselines/encoder.ts"), [source], { env });
  const ended = once(child, "exit");
  const [cost] = (await Promise.race([once(child, "message"), ended])) as [Cost | number];
  if (typeof cost !== "object") throw new Error(`The service ended with ${cost}.`);
  await ended;
  return cost;
}

/** In the middle, when the rounds are an odd number. */
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

export const benchmark: Benchmark = {
  title: `${SECONDS} s of film in ${rungs.length} rungs, ${ROUNDS} rounds in turn`,
  async run(): Promise<Row[]> {
    const root = mkdtempSync(join(tmpdir(), "madang-encoding-"));
    const source = join(root, "source.mp4");
    makeSource(source);
    const rounds: { readonly bare: Cost; readonly ours: Cost }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const bare = await costOf(() => bareLadder(source, join(root, `bare-${round}`)));
      rounds.push({ bare, ours: await ourLadder(source, join(root, `ours-${round}`)) });
      process.stderr.write(`round ${round + 1}: ${JSON.stringify(rounds[round])}\n`);
    }
    rmSync(root, { recursive: true, force: true });
    const of = (whose: "bare" | "ours", figure: keyof Cost) =>
      `${median(rounds.map((round) => round[whose][figure])).toFixed(1)} s`;
    const ratio = (figure: keyof Cost) => median(rounds.map(({ bare, ours }) => ours[figure] / bare[figure]));
    return [
      { what: "bare ffmpeg, processor time", value: of("bare", "processor") },
      {
        what: "the service, processor time",
        value: of("ours", "processor"),
        ratio: ratio("processor"),
        target: "≤ 1.15",
      },
      { what: "bare ffmpeg, on the clock", value: of("bare", "clock") },
      {
        what: "the service, one chunk after another",
        value: of("ours", "clock"),
        ratio: ratio("clock"),
        target: "≤ 1.3",
      },
    ];
  },
};
