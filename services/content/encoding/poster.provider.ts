/** Posters: a frame of the film, and pictures that people upload. Both become JPEGs of a size that every page shows quickly. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { posterKey } from "../content.model.ts";
import { imageInput } from "./command.model.ts";
import type { Plan } from "./plan.model.ts";
import type { Pieces } from "./release.model.ts";
import { ProgramError, run } from "./program.provider.ts";
import { folderOf } from "../content.model.ts";
import type { Bench, Workshop } from "./work.provider.ts";

/** Parts of the film at which a frame is looked for: neither its titles nor its end. */
const PLACES = [0.2, 0.4, 0.6];
/** Lines above which no rung is read: a poster is smaller. */
const TALLEST = 720;
/** Pixels that a poster is at most wide and high. */
const [WIDTH, HEIGHT] = [640, 960];
/** Bytes of a poster, which must fit into an answer. */
const LARGEST = 512 * 1024;
const SECONDS = 60;

const fitted = `scale=w='min(${WIDTH},iw)':h='min(${HEIGHT},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1`;
const output = ["-frames:v", "1", "-map_metadata", "-1", "-q:v", "4", "-f", "image2", "-update", "1", "poster.jpg"];

const drawn = async ({ programs, folder, signal }: Bench, args: readonly string[]): Promise<Buffer> => {
  const limits = { seconds: SECONDS, silence: SECONDS, bytes: LARGEST, cwd: folder, signal };
  await run(programs, "ffmpeg", ["-hide_banner", "-nostdin", "-v", "error", "-y", ...args, ...output], limits);
  return readFile(join(folder, "poster.jpg"));
};

/**
 * Stores the frame that looks most like what is seen at some places of the film, so that it is seldom a black one.
 * @returns its name; null where none could be made, because a film is worth more than its poster
 */
export async function keepFrame(shop: Workshop, plan: Plan, pieces: Pieces): Promise<string | null> {
  const { storage, encoding } = shop;
  try {
    await writeFile(join(shop.folder, "places.mp4"), await placesOf(shop, plan, pieces));
    const filters = `fps=2,${fitted},thumbnail=n=100`;
    const picture = await drawn(shop, ["-protocol_whitelist", "file", "-i", "places.mp4", "-vf", filters]);
    await storage.put(posterKey(encoding.video_id, encoding.id), picture);
    return encoding.id;
  } catch (error) {
    if (error instanceof ProgramError && error.kind === "failed") return null;
    throw error;
  }
}

/** Segments of one rung behind their initialisation segment, which is a film. */
async function placesOf({ storage, encoding }: Workshop, { rungs }: Plan, pieces: Pieces): Promise<Buffer> {
  const rung = rungs.findLast(({ height }) => height <= TALLEST) ?? rungs[0]!;
  const chunks = pieces.of(rung.name);
  const [{ init } = {}] = chunks;
  // Nodes with other programs may have made others, which this beginning does not fit.
  const segments = chunks.filter((one) => one.init === init).flatMap(({ segments = [] }) => segments);
  const chosen = new Set(PLACES.map((place) => segments[Math.floor(place * segments.length)]!.name));
  const folder = folderOf(encoding.video_id, encoding.id);
  const parts = [init!, ...chosen].map(async (name) => {
    const found = await storage.read(`${folder}/${rung.name}/${name}`);
    if (!found) throw new Error(`${name} of ${rung.name} is not in the storage.`);
    return buffer(found.stream);
  });
  return Buffer.concat(await Promise.all(parts));
}

/** @returns the poster; null when the file is no picture that can be shown */
export async function posterOf(bench: Bench, upload: Buffer): Promise<Buffer | null> {
  await writeFile(join(bench.folder, "upload"), upload);
  try {
    return await drawn(bench, [...imageInput("upload"), "-vf", fitted]);
  } catch (error) {
    if (error instanceof ProgramError && error.kind !== "full") return null;
    throw error;
  }
}
