/** Time and identity in one place, so that tests can steer both. */
import { IsDateTime } from "typebox/format";
import { v7 } from "uuid";

/** Milliseconds since the epoch. */
export const now = (): number => Date.now();

/** RFC 3339, UTC, milliseconds: sorts as text. */
export const timestamp = (milliseconds: number = now()): string => new Date(milliseconds).toISOString();

/** From the beginning of JavaScript's clock to where four digits of a year are plenty. */
const [FIRST, LAST] = [0, Date.UTC(2101, 0) - 1];
/** With a zone, and without leap seconds, which no clock of JavaScript shows, and RFC 9557's suffixes. */
const RFC_3339 = /:[0-5]\d(?:\.\d+)?(?:z|[+-]\d\d:\d\d)$/i;

/** The moment that a text in RFC 3339 tells, milliseconds since the epoch; undefined when it tells none between 1970 and 2100. */
export function momentOf(text: string): number | undefined {
  const moment = IsDateTime(text) && RFC_3339.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  return moment >= FIRST && moment <= LAST ? moment : undefined;
}

/** A UUIDv7 (RFC 9562) that sorts after all that this process made before, which node:crypto's does not promise. */
export const newId = (): string => v7();

/** The first id of a millisecond: those that were made before sort before it. */
export const firstIdAt = (milliseconds: number): string =>
  v7({ msecs: milliseconds, seq: 0, random: new Uint8Array(16) });

interface Alarm {
  readonly moment: number;
  readonly ring: () => void;
}
const alarms = new Set<Alarm>();

/**
 * Calls `ring` once, when the clock shows `moment`, milliseconds since the epoch.
 * @returns what takes it back
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

/** For who has set the clock: timers do not know of that. */
export function ringAlarms(): void {
  for (const { moment, ring } of alarms) if (moment <= now()) ring();
}
