/** The rules of playback sessions: places, positions, and which playlist a plan may play. */

export const endings = [
  "stopped", // by its person, on this device or on another
  "replaced", // by the next film on the same device
  "expired", // nothing was heard of its player
  "not_entitled", // a subscription or a rental ended, or the plan allows less
  "not_available", // the film was taken down, or its time or place is over
  "erased", // the profile or the account was removed
] as const;
export type Ending = (typeof endings)[number];

/** Milliseconds: a report nearer to the beginning says nothing right after a resume that was farther in than the second. */
const NEAR_ZERO = 15_000;
const FAR_IN = 30_000;
/** Of a film: who has seen this much has seen it. */
const WATCHED = 0.9;

/** The lowest place that is free; undefined when all are taken. */
export function seatFor(taken: readonly number[], most: number): number | undefined {
  if (taken.length >= most) return undefined;
  return Array.from({ length: most }, (_, seat) => seat).find((seat) => !taken.includes(seat));
}

/** What a session knows of where its player is. */
export interface Progress {
  /** The number of the last report; -1 before the first. */
  readonly sequence: number;
  /** Null until a position was believed. */
  readonly position_ms: number | null;
  readonly resume_ms: number;
}

export interface Report {
  readonly sequence: number;
  readonly positionMs: number;
}

/**
 * False for a report that came late or twice, and for one near the beginning right after a resume: some players tell that
 * before they have sought, and would wipe how far the person was.
 */
export function isBelieved({ sequence, position_ms, resume_ms }: Progress, report: Report): boolean {
  if (report.sequence <= sequence) return false;
  return position_ms !== null || resume_ms < FAR_IN || report.positionMs >= NEAR_ZERO;
}

export const isWatched = (positionMs: number | null, durationMs: number): boolean =>
  positionMs !== null && durationMs > 0 && positionMs >= durationMs * WATCHED;

/** Where to go on: what was seen to its end, or has another length now, starts again. */
export const resumeFrom = (seen: { position_ms: number } | undefined, durationMs: number): number =>
  !seen || seen.position_ms >= durationMs || isWatched(seen.position_ms, durationMs) ? 0 : seen.position_ms;

/**
 * The playlist of the rungs that a plan allows.
 * @param main the playlist of all rungs
 * @param heights of the rungs
 * @param most lines that the plan allows
 */
export function manifestFor(main: string, heights: readonly number[], most: number): string {
  const allowed = heights.filter((height) => height <= most);
  // A film that has nothing small enough is played as small as it is.
  const best = allowed.length > 0 ? Math.max(...allowed) : Math.min(...heights);
  return best >= Math.max(...heights) ? main : main.replace(/\.m3u8$/, `-${best}.m3u8`);
}

/** Lines of the best rung that may be fetched. */
export const heightFor = (heights: readonly number[], most: number): number => Math.max(most, Math.min(...heights));
