/**
 * A film by the content service, with its check, chunks, sound, thumbnails and storage, beside one bare ffmpeg that writes the same
 * ladder. Both take turns in one run; processor time holds also on a busy machine, time on the clock only on a quiet one.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findBinary } from "../scripts/cluster/binaries.ts";
import type { EncodingService } from "../test/support/systems/encoding-service.ts";
import type { Benchmark, Row } from "./support/table.ts";

const SECONDS = 60;
const ROUNDS = 3;
/** Milliseconds. */
const LONGEST = 3_600_000;
/** As the settings are by default, except that nothing stands back, and chunks are a third as long: their cost shows three times. */
const settings = {
  CONTENT_CHUNK: "20",
  CONTENT_PRESET: "veryfast",
  CONTENT_ENCODERS: "1",
  CONTENT_ENCODER_THREADS: "2",
  CONTENT_ENCODER_NICE: "0",
};
/** The ladder of a film of 480 lines: its pictures and most kilobits per second. */
const rungs = [
  ["426:240", 400],
  ["640:360", 900],
  ["854:480", 1600],
] as const;

interface Cost {
  /** Seconds of processor time, of all processes. */
  readonly processor: number;
  readonly clock: number;
}

/** Seconds of processor time of this process and of its children that have ended (proc(5), in ticks of 10 ms). */
function processorTime(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]!.split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [processor, clock] = [processorTime(), performance.now()];
  await work();
  return { processor: processorTime() - processor, clock: (performance.now() - clock) / 1000 };
}

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

async function ourLadder(service: EncodingService, source: string): Promise<void> {
  const id = await service.begin(source);
  const playlist = join(await service.folder(id), "main.m3u8");
  // Seldom, since looking costs time too.
  for (const end = performance.now() + LONGEST; !existsSync(playlist); await sleep(250))
    if (performance.now() > end) throw new Error("The film was not encoded.");
  if (readFileSync(playlist, "utf8").match(/RESOLUTION/g)!.length !== rungs.length) throw new Error("Another ladder.");
}

/** In the middle, when the rounds are an odd number. */
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

export const benchmark: Benchmark = {
  title: `${SECONDS} s of film in ${rungs.length} rungs, ${ROUNDS} rounds in turn`,
  async run(): Promise<Row[]> {
    const root = mkdtempSync(join(tmpdir(), "madang-encoding-"));
    Object.assign(process.env, { DATA_DIR: root, LOG_LEVEL: "warn" });
    const { EncodingService } = await import("../test/support/systems/encoding-service.ts");
    const source = join(root, "source.mp4");
    makeSource(source);
    const rounds: { readonly bare: Cost; readonly ours: Cost }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const bare = await costOf(() => bareLadder(source, join(root, `bare-${round}`)));
      // A new one each round: a token of staff lives for a quarter of an hour.
      const service = await EncodingService.start(settings);
      const ours = await costOf(() => ourLadder(service, source));
      await service.stop();
      rounds.push({ bare, ours });
      process.stderr.write(`… round ${round + 1}: ${JSON.stringify({ bare, ours })}\n`);
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
