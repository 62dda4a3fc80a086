/** What has to be done for one film: the work of all nodes, in one list. */
import type { Encoding } from "./command.model.ts";
import { chunkCount, chunkOf, type Cut, cutOf, type Rung, rungsOf, secondsOf } from "./ladder.model.ts";
import type { Source, Track } from "./probe.model.ts";

/** It is stored with the encoding, so that all nodes do the same. */
export interface Plan {
  readonly source: Source;
  readonly cut: Cut;
  readonly rungs: readonly Rung[];
  readonly encoding: Encoding;
}

export interface Piece {
  readonly track: string;
  readonly position: number;
  /** The lowest first: the check, the end, then film after film as they came. */
  readonly rank: number;
  /** Of the film. */
  readonly seconds: number;
  /** Milliseconds until it may begin. */
  readonly delay?: number;
}

export const CHECK: Piece = { track: "check", position: 0, rank: 0, seconds: 0 };
/** Makes the sample film before it is checked. */
export const SAMPLE: Piece = { track: "sample", position: 0, rank: 0, seconds: 0, delay: 3000 };
export const FINISH: Piece = { track: "finish", position: 0, rank: 1, seconds: 0 };
const REST = 10;
/** The track of the pictures: one piece is a chunk with all its rungs. */
export const PICTURE = "picture";

export const planOf = (source: Source, encoding: Encoding, chunkSeconds: number): Plan => ({
  source,
  cut: cutOf(source, chunkSeconds),
  rungs: rungsOf(source),
  encoding,
});

/** Everything between the check and the end. */
export function piecesOf({ source, cut }: Plan): Piece[] {
  const pictures = Array.from({ length: chunkCount(cut) }, (_, position) => ({
    track: PICTURE,
    position,
    rank: REST,
    seconds: secondsOf(chunkOf(cut, position).frames, cut.rate),
  }));
  const whole = (kind: string, tracks: readonly Track[]): Piece[] =>
    tracks.map((_, index) => ({ track: `${kind}-${index}`, position: 0, rank: REST, seconds: source.seconds }));
  // Sound comes last: a track begins again from nothing, and should not do so before every chunk where nodes often die.
  return [...pictures, ...whole("audio", source.audio), ...whole("subtitles", source.subtitles)];
}

const names = new Map<string, Intl.DisplayNames>();

/** How a track is called: by its own title, else in its own language; no two alike. */
export function namesOf(tracks: readonly Pick<Track, "language" | "title">[]): string[] {
  const known = tracks.map(({ title, language }) => title ?? languageName(language));
  return known.map((name, index) => (known.indexOf(name) === index ? name : `${name} ${index + 1}`));
}

function languageName(language: string): string {
  if (language === "und") return "Original";
  const own = names.get(language) ?? new Intl.DisplayNames([language, "en"], { type: "language" });
  names.set(language, own);
  return own.of(language) ?? language;
}

/** Milliseconds of the film as it is played. */
export const durationOf = ({ cut }: Plan): number => Math.round(secondsOf(cut.frames, cut.rate) * 1000);
