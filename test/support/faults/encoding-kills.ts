/** `kill -9` of the node that encodes a film, again and again: what comes of it is what comes of a node that nobody kills. */
import { type ChildProcess, fork } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "#mixins/database/database.ts";
import { type ContentTables, sql } from "../../../services/content/content.tables.ts";
import { eventually } from "../fixtures/eventually.ts";
import { Random } from "../fixtures/random.ts";
import { EncodingService } from "../systems/encoding-service.ts";
import { ffmpegText, film } from "../systems/footage.ts";
import { localService } from "../systems/local-service.ts";

const root = join(import.meta.dirname, "../../..");
/** Milliseconds that a busy machine may take for a film. */
const PATIENCE = 40 * 60_000;
const chunksOf = sql((q, p: { id: string }) =>
  q
    .selectFrom("chunks")
    .innerJoin("encodings", "encodings.id", "encoding_id")
    .selectAll("chunks")
    .where("video_id", "=", p.id),
);

/** A node that does nothing but encode. */
async function startNode(): Promise<ChildProcess> {
  const node = fork(join(root, "test/support/systems/node.ts"), ["services/content/content.service.ts"], {
    cwd: root,
    execArgv: [],
    env: { ...process.env, CONTENT_ENCODERS: "1" },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  // A spec that fails leaves no node behind.
  process.once("exit", () => node.kill("SIGKILL"));
  await new Promise((resolve) => void node.once("message", resolve));
  return node;
}

async function kill(node: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => void node.once("exit", resolve));
  node.kill("SIGKILL");
  await ended;
}

/** Command lines of processes that still work on films of this spec. */
const encoders = (): string[] =>
  globSync("/proc/[0-9]*/cmdline").flatMap((path) => {
    try {
      const command = readFileSync(path, "utf8").replaceAll("\0", " ");
      return /\bffmpeg\b/.test(command) && command.includes(process.env.DATA_DIR!) ? [command] : [];
    } catch {
      return [];
    }
  });

const pictures = (folder: string): string[] =>
  ["240p", "360p"].map((rung) => ffmpegText("-i", `${folder}/${rung}/index.m3u8`, "-f", "framemd5", "-"));

/** @param longest milliseconds that a node lives after its start, at most */
export async function surviveKills(kills: number, { seconds, longest }: { seconds: number; longest: number }) {
  const source = film({ seconds });
  const make = async () => {
    // Its own node only asks: it takes no chunk.
    const service = await EncodingService.start({ CONTENT_ENCODERS: "0" });
    const id = await service.begin(source, true);
    const folder = await service.folder(id);
    await service.stop();
    return { id, folder };
  };
  const finished = (folder: string) => eventually(() => existsSync(`${folder}/main.m3u8`), PATIENCE);
  const killed = await make();
  const random = new Random(20_260_101);
  let done = 0;
  for (; done < kills && !existsSync(`${killed.folder}/main.m3u8`); done += 1) {
    const node = await startNode();
    await sleep(random.upTo(longest));
    await kill(node);
    // What it started ends with it.
    await eventually(() => encoders().length === 0);
  }
  const last = await startNode();
  await finished(killed.folder);
  // Longer than the end takes from its playlist on.
  const other = await endOf(last, make);
  const service = await EncodingService.start({ CONTENT_ENCODERS: "0" });
  const { db } = localService<{ db: Database<ContentTables> }>(service.broker, "content");
  const chunks = await db.all(chunksOf, { id: killed.id });
  const result = {
    kills: done,
    state: (await service.call("content.getEncoding", { id: killed.id })).state,
    told: await service.told(killed.id),
    /** Attempts that came to nothing. */
    lost: chunks.reduce((sum, { attempt }) => sum + attempt - 1, 0),
    isSame: JSON.stringify(pictures(killed.folder)) === JSON.stringify(pictures(other.folder)),
  };
  await service.stop();
  return result;
}

/** The node ends the film that it has, and encodes another one, which nobody disturbs. */
async function endOf(node: ChildProcess, make: () => Promise<{ id: string; folder: string }>) {
  const stopped = new Promise((resolve) => void node.once("exit", resolve));
  node.kill("SIGTERM");
  await stopped;
  const other = await make();
  const next = await startNode();
  await eventually(() => existsSync(`${other.folder}/main.m3u8`), PATIENCE);
  const ended = new Promise((resolve) => void next.once("exit", resolve));
  next.kill("SIGTERM");
  await ended;
  return other;
}
