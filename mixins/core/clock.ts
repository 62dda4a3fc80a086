/** Time and identifiers come from here alone, so that tests can control both. */
import { IsDateTime } from "typebox/format";
import { v7 } from "uuid";

/** Milliseconds. */
export const HOUR = 60 * 60 * 1000;
export const DAY = 24 * HOUR;

/** Milliseconds since the epoch. */
export const now = (): number => Date.now();

/** RFC 3339 in UTC with milliseconds. This form sorts correctly as text. */
export function timestamp(milliseconds: number = now()): string {
  if (milliseconds !== last.milliseconds) last = { milliseconds, text: new Date(milliseconds).toISOString() };
  return last.text;
}

/** The last text, because an order asks for the same millisecond several times. */
let last = { milliseconds: Number.NaN, text: "" };

/** Times from 1970 to 2100 are accepted: later ones are mistakes. */
const [FIRST, LAST] = [0, Date.UTC(2101, 0) - 1];
/** A time must name its zone. JavaScript's clock can represent neither leap seconds nor RFC 9557 suffixes. */
const RFC_3339 = /:[0-5]\d(?:\.\d+)?(?:z|[+-]\d\d:\d\d)$/i;

/**
 * Parses RFC 3339 text.
 * @returns milliseconds since the epoch; undefined when the text is no time between 1970 and 2100
 */
export function momentOf(text: string): number | undefined {
  const moment = IsDateTime(text) && RFC_3339.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  return moment >= FIRST && moment <= LAST ? moment : undefined;
}

/** A UUIDv7 (RFC 9562) that sorts after every earlier one of this process, which Node's own does not promise. */
export function newId(): string {
  if (drawn === pool.length) {
    crypto.getRandomValues(pool);
    drawn = 0;
  }
  const random = pool.subarray(drawn, (drawn += 16));
  const msecs = now();
  // The counter has 32 bits and begins below the half, so it never overflows within a millisecond.
  if (msecs > newest.msecs) newest = { msecs, seq: random.readUInt32BE(6) >>> 1 };
  else newest.seq += 1;
  return v7({ ...newest, random });
}

/** Random bytes for many ids, because a draw costs more than the rest of an id. */
const pool = Buffer.alloc(16 * 256);
let drawn = pool.length;
/** The time and the counter of the last id. */
let newest = { msecs: 0, seq: 0 };

/** The lowest id of a millisecond: every id that was made earlier sorts before it. */
export const firstIdAt = (milliseconds: number): string =>
  v7({ msecs: milliseconds, seq: 0, random: new Uint8Array(16) });

interface Alarm {
  readonly moment: number;
  readonly ring: () => void;
}
const alarms = new Set<Alarm>();

/**
 * Calls `ring` once, when the clock shows `moment`, in milliseconds since the epoch.
 * @returns a function that cancels the alarm
 */
export function setAlarm(moment: number, ring: () => void): () => void {
  const alarm = { moment, ring: () => (end(), ring()) };
  const timer = setTimeout(alarm.ring, Math.max(0, moment - now()));
  const end = () => {
    clearTimeout(timer);
    alarms.delete(alarm);
  };
  alarms.add(alarm);
  return end;
}

/** A test that sets the clock calls it, because timers do not notice the change. */
export function ringAlarms(): void {
  for (const { moment, ring } of alarms) if (moment <= now()) ring();
}
