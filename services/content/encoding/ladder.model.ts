/** The adaptive ladder as pure rules: which rungs a film gets, and where it is cut into chunks. */
import type { Rate, Source } from "./probe.model.ts";

/** The class of a rung: the box in which its picture fits, and the most bits per second. */
const classes = [
  { height: 240, width: 426, rate: 400_000 },
  { height: 360, width: 640, rate: 900_000 },
  { height: 480, width: 854, rate: 1_600_000 },
  { height: 720, width: 1280, rate: 3_000_000 },
  { height: 1080, width: 1920, rate: 5_500_000 },
] as const;

export interface Rung {
  /** Also the name of its folder. */
  readonly name: string;
  /** Of its class: what plans and players call it. A wide film has fewer lines. */
  readonly height: number;
  /** Pixels of the picture. */
  readonly width: number;
  readonly lines: number;
  /** The most bits per second. */
  readonly rate: number;
}

/** Where the pictures are cut. All rungs are cut alike, so that players may change between them. */
export interface Cut {
  readonly rate: Rate;
  /** Frames from one keyframe to the next: two seconds. */
  readonly gop: number;
  /** Frames of a segment. */
  readonly segment: number;
  /** Frames of a chunk: a whole number of segments. */
  readonly chunk: number;
  /** Frames of the film. */
  readonly frames: number;
}

/** Seconds from one keyframe to the next, and keyframes in a segment. */
const GOP = 2;
const GOPS = 2;

const even = (size: number): number => Math.max(2, 2 * Math.round(size / 2));

/** The rungs whose picture is not larger than the source's, lowest first; a tiny source has one of its own size. */
export function rungsOf({ width, height }: Pick<Source, "width" | "height">): Rung[] {
  const fitting = classes.flatMap((one) => {
    const scale = Math.min(one.width / width, one.height / height);
    // A pixel more or less is no other size: 1918 lines are a film of 1920.
    if (scale > 1.01) return [];
    return [rung(one, even(width * Math.min(scale, 1)), even(height * Math.min(scale, 1)))];
  });
  return fitting.length > 0 ? fitting : [rung(classes[0], even(width), even(height))];
}

const rung = ({ height, rate }: (typeof classes)[number], width: number, lines: number): Rung => ({
  name: `${height}p`,
  height,
  width,
  lines,
  rate,
});

const valueOf = ({ numerator, denominator }: Rate): number => numerator / denominator;

/** Seconds in which so many frames are shown. */
export const secondsOf = (frames: number, { numerator, denominator }: Rate): number =>
  (frames * denominator) / numerator;

/** @param chunk seconds that a chunk takes, about */
export function cutOf({ rate, seconds }: Pick<Source, "rate" | "seconds">, chunk: number): Cut {
  const gop = Math.max(1, Math.round(GOP * valueOf(rate)));
  const segment = GOPS * gop;
  const segments = Math.max(1, Math.round((chunk * valueOf(rate)) / segment));
  const frames = Math.max(1, Math.round(seconds * valueOf(rate)));
  return { rate, gop, segment, chunk: segments * segment, frames };
}

export interface Chunk {
  readonly position: number;
  /** Of its first frame. */
  readonly first: number;
  /** Number of frames. */
  readonly frames: number;
  /** Of its first segment, counted from 1. */
  readonly segment: number;
}

export function chunkOf(cut: Cut, position: number): Chunk {
  const first = position * cut.chunk;
  const frames = Math.min(cut.chunk, cut.frames - first);
  return { position, first, frames, segment: first / cut.segment + 1 };
}

export const chunkCount = (cut: Cut): number => Math.ceil(cut.frames / cut.chunk);
