/** Makes pictures smaller, by sharp, which works in threads of its own. Whatever an upload says about its maker and its place is lost. */
import type { Sharp } from "sharp";
import { FORMATS, type Format, MOST_PIXELS, type Width, WIDTHS } from "./image.model.ts";

export interface Rendition {
  readonly format: Format;
  readonly width: Width;
  readonly bytes: Uint8Array;
}

export interface Picture {
  /** Of the upload, as it is looked at. */
  readonly width: number;
  readonly height: number;
  readonly renditions: readonly Rendition[];
}

/** What may be uploaded, as sharp calls it: AVIF is a kind of HEIF. */
const TAKEN = new Set(["jpeg", "png", "webp", "heif"]);
/** Seconds for one rendition. */
const PATIENCE = 15;
/** Of WebP; that of AVIF is lower for the same look. */
const QUALITIES = [80, 60, 40];
/** Bytes that travel as Base64 in one message of NATS, which carries 1 MiB. */
const LARGEST = 700_000;
/** Pixels of the longest side that a picture may have; AVIF ends there. */
const LONGEST_SIDE = 16_000;

/** Loaded with the first upload. */
async function load() {
  const { default: sharp } = await import("sharp");
  // Pictures come one at a time, and the node has other work.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

type Read = () => Sharp;

/** Poorer where it would be too large to travel; null where even that is. */
async function smaller(read: Read, format: Format, width: Width): Promise<Uint8Array | null> {
  for (const quality of QUALITIES) {
    // As it is looked at: cameras turn pictures by a note in them.
    const resized = read()
      .autoOrient()
      .resize({ width, height: 2 * width, fit: "inside", withoutEnlargement: true });
    const made = format === "webp" ? resized.webp({ quality }) : resized.avif({ quality: quality - 25, effort: 2 });
    const bytes = await made.timeout({ seconds: PATIENCE }).toBuffer();
    if (bytes.byteLength <= LARGEST) return bytes;
  }
  return null;
}

/** Null for what is no such picture, is broken, or is too large. */
export async function pictureOf(upload: Uint8Array): Promise<Picture | null> {
  const sharp = await load();
  const read = () => sharp(upload, { limitInputPixels: MOST_PIXELS, failOn: "error", sequentialRead: true });
  try {
    const { format, compression, autoOrient } = await read().metadata();
    if (!TAKEN.has(format) || (format === "heif" && compression !== "av1")) return null;
    const { width, height } = autoOrient;
    if (width * height > MOST_PIXELS || Math.max(width, height) > LONGEST_SIDE) return null;
    const renditions: Rendition[] = [];
    for (const across of WIDTHS)
      for (const format of FORMATS) {
        const bytes = await smaller(read, format, across);
        if (!bytes) return null;
        renditions.push({ format, width: across, bytes });
      }
    return { width, height, renditions };
  } catch (error) {
    // Its errors are about the upload; it has no others.
    if (error instanceof Error) return null;
    throw error;
  }
}

/** A drawing as an upload. */
export async function rasterOf(svg: string): Promise<Buffer> {
  const sharp = await load();
  return sharp(Buffer.from(svg)).png().toBuffer();
}
