/** Whether an edge may be sent players: it must be heard of, and one with a burst of failures rests for a while. */

export interface Health {
  /** The share of its requests that failed, smoothed. */
  readonly failing: number;
  /** Bursts of failures, one after another. */
  readonly bursts: number;
  /** Milliseconds since the epoch: out of routing until then. */
  readonly out_until: number;
}

/** Requests and failures since the edge told last. */
export interface Told {
  readonly requests: number;
  readonly failures: number;
  /** It is about to stop. */
  readonly leaving: boolean;
}

/** Milliseconds from one word of an edge to the next, and after which it counts as gone. */
export const ANNOUNCE = 2000;
export const GONE = 3 * ANNOUNCE;

/** Fewer failures are chance. */
const FEWEST = 3;
/** The share of requests that may fail. */
const MOST_FAILING = 0.2;
/** Milliseconds: the first rest and the longest. It doubles with each burst that follows another. */
const REST = 15_000;
const LONGEST_REST = 240_000;

export const fresh: Health = { failing: 0, bursts: 0, out_until: 0 };

/** @param now milliseconds since the epoch */
export function healthAfter(before: Health, { requests, failures, leaving }: Told, now: number): Health {
  if (leaving) return { ...before, out_until: now + GONE };
  const failing = requests === 0 ? before.failing * 0.9 : (before.failing + failures / requests) / 2;
  const isBurst = failures >= FEWEST && failures / requests >= MOST_FAILING;
  if (isBurst && before.out_until <= now) {
    const rest = Math.min(REST * 2 ** before.bursts, LONGEST_REST);
    return { failing, bursts: before.bursts + 1, out_until: now + rest };
  }
  // Who served well again for as long as it rested has a clean record.
  const isClean = failures === 0 && requests > 0 && before.bursts > 0 && now - before.out_until > REST;
  return { failing, bursts: isClean ? 0 : before.bursts, out_until: before.out_until };
}

interface Seen extends Health {
  readonly seen_at: number;
}

export const isUsable = ({ seen_at, out_until }: Seen, now: number): boolean =>
  now - seen_at < GONE && out_until <= now;

/** Players ask again sooner while an edge is in doubt. Seconds. */
export const ttlFor = (edges: readonly Seen[], now: number): number =>
  edges.some((edge) => now - edge.seen_at < 60_000 && !isUsable(edge, now)) ? 5 : 10;
