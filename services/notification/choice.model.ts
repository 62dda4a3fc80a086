/** What a person may choose: which kinds of messages on which channels, and hours in which nothing rings. */
import type { Channel } from "./notification.model.ts";

/** What is about the security of an account is none of them: it is always sent. */
export const kinds = ["orders", "payments", "subscriptions", "benefits", "reminders"] as const;
export type Kind = (typeof kinds)[number];

/** Nobody gets a reminder who has not asked for it. */
const unasked: ReadonlySet<Kind> = new Set(["reminders"]);

type OfChannels = { readonly [C in Channel]?: boolean };
export type KindChoices = { readonly [K in Kind]?: OfChannels };

export interface QuietHours {
  /** Hours and minutes of the day, as in 22:00. With two equal ones, no hour is quiet. */
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
}

export type Preferences = Readonly<Record<Channel, boolean>> & {
  readonly kinds?: KindChoices;
  readonly quietHours?: QuietHours | null;
};

export const defaultPreferences: Preferences = { email: true, sms: false, push: false };

interface Subject {
  readonly channel: Channel;
  readonly kind: Kind | null;
  readonly isUrgent: boolean;
  /** Its reader has asked for this one message. */
  readonly isAsked?: boolean;
}

/** What is urgent goes by e-mail in any case, and by the other channels that the person wants. */
export function isWanted(preferences: Preferences, { channel, kind, isUrgent, isAsked = false }: Subject): boolean {
  if (kind === null) return channel === "email";
  if (isUrgent) return channel === "email" || preferences[channel];
  return preferences[channel] && (preferences.kinds?.[kind]?.[channel] ?? (isAsked || !unasked.has(kind)));
}

const MINUTE = 60_000;
const DAY = 24 * 60;
const formats = new Map<string, Intl.DateTimeFormat>();

function minuteOfDay(at: number, timeZone: string): number {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone } as const;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat("en", options);
  // The zones that there are, are few.
  formats.set(timeZone, format);
  return minutesOf(format.format(at));
}

const minutesOf = (text: string): number => {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
};

/** When the quiet hours end, in milliseconds since the epoch; null when it is not quiet now. */
export function quietUntil({ from, to, timeZone }: QuietHours, at: number): number | null {
  const [begin, end, present] = [minutesOf(from), minutesOf(to), minuteOfDay(at, timeZone)];
  const length = (end - begin + DAY) % DAY;
  const since = (present - begin + DAY) % DAY;
  if (since >= length) return null;
  // The clock of the zone may be changed meanwhile; then it is looked again.
  return at - (at % MINUTE) + (length - since) * MINUTE;
}

export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
