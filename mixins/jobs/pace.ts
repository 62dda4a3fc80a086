/** When jobs of a kind may begin, and how many at once: pure rules over what the database says of the kind. */
import type { JobDefinition } from "#core/job.ts";

/** Milliseconds: the pause after the first failure, and the longest. */
const [FIRST, LONGEST] = [1000, 60_000];
/** Failures after which a job is dead. */
const ATTEMPTS = 10;

/** All of one kind. Times are in milliseconds since the epoch, by the database's clock. */
export interface Standing {
  readonly paused: number;
  readonly clock: number;
  /** When the first job of each priority may begin, or when its lease ends. */
  readonly high: number | null;
  readonly normal: number | null;
  readonly low: number | null;
  readonly ready_at: number;
  readonly running: number;
  /** When the first lease ends. */
  readonly lease_until: number | null;
}

type Limits = Pick<JobDefinition, "concurrency" | "rate">;

/** When the next job of the kind may begin; null while there is none, or the kind is paused. */
export function nextOf({ concurrency = Infinity }: Limits, standing: Standing): number | null {
  const { paused, ready_at, running, lease_until } = standing;
  const first = Math.min(...[standing.high, standing.normal, standing.low].map((at) => at ?? Infinity));
  if (paused === 1 || first === Infinity) return null;
  // A job that ends before its lease wakes the queue of its node.
  return Math.max(first, ready_at, running >= concurrency ? (lease_until ?? 0) : 0);
}

/** Jobs that may begin at once after a while in which none did. */
const burstOf = (rate: number): number => Math.max(1, Math.floor(rate));

/** The most jobs of the kind that may begin now. */
export function allowed(
  { concurrency = Infinity, rate }: Limits,
  { paused, clock, ready_at, running }: Standing,
): number {
  if (paused === 1) return 0;
  const tokens = rate === undefined ? Infinity : Math.floor(((clock - ready_at) / 1000) * rate) + 1;
  return Math.max(0, Math.min(concurrency - running, clock < ready_at ? 0 : tokens, burstOf(rate ?? Infinity)));
}

/**
 * When the next job may begin after so many began now. The generic cell rate algorithm (ITU-T I.371): one number a kind
 * instead of a count of tokens and the time of the last one.
 */
export function readyAfter(
  rate: number,
  { clock, ready_at }: Pick<Standing, "clock" | "ready_at">,
  begun: number,
): number {
  const pause = 1000 / rate;
  const earliest = clock - (burstOf(rate) - 1) * pause;
  return Math.ceil(Math.max(ready_at, earliest) + begun * pause);
}

/** True when the job is dead after so many failures. */
export const isUsedUp = ({ attempts = ATTEMPTS }: JobDefinition, failures: number): boolean => failures >= attempts;

/**
 * Milliseconds until the next attempt. The random part keeps jobs that failed together from coming back together.
 * @param failures so far, at least one
 */
export const pauseAfter = (failures: number): number =>
  Math.round(Math.min(FIRST * 2 ** (failures - 1), LONGEST) * (0.5 + Math.random() / 2));
