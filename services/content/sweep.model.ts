/** Which files nobody needs any more: the rules, in one place. All times are milliseconds since the epoch. */
import { DAY, HOUR } from "#core/clock.ts";
import type { EncodingState } from "./content.tables.ts";

/** Milliseconds for which something stays. */
export const stays = {
  /** An upload of which nothing more comes. */
  upload: DAY,
  /** What was uploaded whole, and is not the video of anything. */
  source: 7 * DAY,
  /** The release before the one that is played: who began with it may watch it to its end. */
  replaced: DAY,
  /** What a node may still store when the encoding has ended or the video was removed. */
  late: HOUR,
  /** What a process was writing when it died. */
  draft: DAY,
} as const;

/** An encoding that has ended, whose files are not what its video plays. */
export interface Release {
  readonly state: EncodingState;
  readonly endedAt: number;
  /** Of its video. */
  readonly isRemoved: boolean;
  /** When the release that is played now was ready. */
  readonly replacedAt: number | null;
}

/**
 * `goes`: its files are removed, and once more an hour after its end, because a node that was frozen may store what it had begun.
 * `gone`: that was the last time.
 */
export function fateOf({ state, endedAt, isRemoved, replacedAt }: Release, now: number): "stays" | "goes" | "gone" {
  const isWatched = state === "done" && !isRemoved && now < (replacedAt ?? Infinity) + stays.replaced;
  if (isWatched) return "stays";
  return now < endedAt + stays.late ? "goes" : "gone";
}

/** An encoding that something uploaded was named for. */
export interface Use {
  readonly state: EncodingState;
  /** Null while it is under way. */
  readonly endedAt: number | null;
  readonly isRemoved: boolean;
}

/** Whether what was uploaded stays: as long as a film is made of it, or may be made. It goes with the last film of it. */
export function isKept(storedAt: number, uses: readonly Use[], now: number): boolean {
  const live = uses.filter(({ isRemoved }) => !isRemoved);
  if (uses.length > 0 && live.length === 0) return false;
  if (live.some(({ state }) => state !== "failed" && state !== "cancelled")) return true;
  return now < Math.max(storedAt, ...live.map(({ endedAt }) => endedAt ?? 0)) + stays.source;
}
