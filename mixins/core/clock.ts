/** Time comes from here alone, so that tests can control it. */
import { IsDateTime } from "typebox/format";

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
