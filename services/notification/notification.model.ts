/** Pure rules: channels, what a template says, and what becomes of a delivery after an attempt. */
import { timestamp } from "#core/clock.ts";
import type { Money } from "#core/schema.ts";
import type { EventData, EventName, Output } from "#core/contract.ts";

export const channels = ["email", "sms", "push"] as const;
export type Channel = (typeof channels)[number];

export const languages = ["en", "ko"] as const;
export type Language = (typeof languages)[number];

export const statuses = ["queued", "sent", "failed", "suppressed"] as const;
export type Status = (typeof statuses)[number];

/** Which channels a person wants. */
export type Preferences = Readonly<Record<Channel, boolean>>;
export const defaultPreferences: Preferences = { email: true, sms: false, push: false };

/** E-mail is always considered, so that the log shows what was suppressed; the others only when they are wanted. */
export const channelsFor = (preferences: Preferences): Channel[] =>
  channels.filter((channel) => channel === "email" || preferences[channel]);

/** Letters of a name that a greeting shows. */
const LONGEST_NAME = 40;
/** What people write into a name that they want others to read. */
const ADDRESS = /[:/@]|\p{L}{2,}\.\p{L}{2,}/u;
const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** A name as a message may show it, in one line and cut; null when it would advertise something. */
export function shownName(name: string): string | null {
  const line = name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  if (line === "" || ADDRESS.test(line)) return null;
  const letters = Array.from(graphemes.segment(line), ({ segment }) => segment);
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME - 1).join("")}…` : line;
}

/** What a template says, without any markup: every layout writes and escapes it in its own way. */
export interface Copy {
  readonly subject: string;
  /** All of it in one sentence, for a text message, a push message or a list. */
  readonly summary: string;
  readonly paragraphs: readonly string[];
  /** What the moment of the event is called. */
  readonly when: string;
  /** Amounts that are this message's own; what every message tells of its order stands below them. */
  readonly rows: readonly Row[];
  /** The order's, when the event tells it. */
  readonly total?: Money;
  readonly items?: readonly OrderItem[];
  /** Says where the goods go. */
  readonly hasAddress?: boolean;
}

/** Label and value, one below the other. */
export type Row = readonly [label: string, value: string];
type OrderItem = EventData<"order.confirmed">["items"][number];

/** What a message tells beside its event, asked for when it is sent: no address is kept in this service's log. */
export interface Surroundings {
  /** The name in the greeting. */
  readonly recipient: string;
  /** When the event happened, RFC 3339. */
  readonly at: string;
  readonly timeZone: string;
  /** Undefined when the order service does not know it (any more). */
  readonly order: Output<"order.lookup">["items"][number] | undefined;
  /** Where the shop's pages are. */
  readonly shop: string | null;
}

/** What is said about an event, in each language. */
export interface Template<E extends EventName> {
  readonly event: E;
  /** For previews and tests. */
  readonly sample: EventData<E>;
  readonly copy: Readonly<Record<Language, (data: EventData<E>) => Copy>>;
}

/** What an attempt changes in a delivery. */
export interface Outcome {
  readonly status: Status;
  readonly attempts: number;
  /** Milliseconds since the epoch; null when it is over. */
  readonly next_at: number | null;
  /** A code: what a mail server says may name the recipient. */
  readonly error: string | null;
  readonly sent_at: string | null;
}

/** Thrown by a provider when asking again is useless, such as for an address that does not exist. */
export class Undeliverable extends Error {}

const over = { next_at: null, sent_at: null };

export const sent = (attempts: number): Outcome => ({
  ...over,
  status: "sent",
  attempts: attempts + 1,
  error: null,
  sent_at: timestamp(),
});

export const suppressed = (attempts: number, reason: string): Outcome => ({
  ...over,
  status: "suppressed",
  attempts,
  error: reason,
});

const LONGEST_DELAY = 60 * 60 * 1000;
/** Between two looks for a service that is away. */
const SHORTEST_DELAY = 1000;

interface Patience {
  readonly attempts: number;
  /** Milliseconds. */
  readonly delay: number;
  readonly now: number;
}

/**
 * Queued again after a pause that doubles, or failed when patience has ended or asking again is useless. That a service
 * of ours is away says nothing about the message: it uses up no patience.
 */
export function afterFailure(attempts: number, error: unknown, patience: Patience): Outcome {
  if ((error as { retryable?: boolean }).retryable === true) {
    const next_at = patience.now + Math.max(patience.delay, SHORTEST_DELAY);
    return { status: "queued", attempts, error: codeOf(error), sent_at: null, next_at };
  }
  const made = attempts + 1;
  const outcome = { attempts: made, error: codeOf(error), sent_at: null };
  if (error instanceof Undeliverable || made >= patience.attempts)
    return { ...outcome, status: "failed", next_at: null };
  const pause = Math.min(patience.delay * 2 ** attempts, LONGEST_DELAY);
  return { ...outcome, status: "queued", next_at: patience.now + pause };
}

interface Coded {
  /** Of an error that came through the broker. */
  readonly type?: string;
  readonly code?: string | number;
  /** Of a mail server. */
  readonly responseCode?: number;
  readonly name: string;
  readonly cause?: Coded;
}

/** The code of an error, never its message, which may hold an address. */
function codeOf(error: unknown): string {
  const { type, code, responseCode, name, cause } = error as Coded;
  if (error instanceof Undeliverable && cause) return codeOf(cause);
  return [type ?? code ?? name, responseCode ?? ""].join(" ").trim();
}
