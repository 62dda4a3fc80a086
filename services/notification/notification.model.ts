/** The rules of notifications: channels, the content of messages, and the state of a delivery after an attempt. */
import { HOUR, timestamp } from "#core/clock.ts";
import type { Money } from "#core/schema.ts";
import type { Language } from "#core/text.ts";
import type { EventData, EventName, Output } from "#core/contract.ts";

export const channels = ["email", "sms", "push"] as const;
export type Channel = (typeof channels)[number];

export const languages = ["en", "ko"] as const;

export const statuses = ["queued", "sent", "failed", "suppressed"] as const;
export type Status = (typeof statuses)[number];

/** The most letters of a name in a greeting. */
const LONGEST_NAME = 40;
/** Parts of a name that advertise something to its readers. */
const ADDRESS = /[:/@]|\p{L}{2,}\.\p{L}{2,}/u;
const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** A name in a form that a message may show: one line, shortened; null when it would advertise something. */
export function shownName(name: string): string | null {
  const line = name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  if (line === "" || ADDRESS.test(line)) return null;
  const letters = Array.from(graphemes.segment(line), ({ segment }) => segment);
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME - 1).join("")}…` : line;
}

/** The content of a message without markup. Every layout arranges and escapes it in its own way. */
export interface Copy {
  readonly subject: string;
  /** The whole message in one sentence, for a text message, a push message or a list. */
  readonly summary: string;
  readonly paragraphs: readonly string[];
  /** The label of the event's time. */
  readonly when: string;
  /** Amounts of this message only. The order's details, which every message shows, follow below. */
  readonly rows: readonly Row[];
  /** The total of the order, when the event holds it. */
  readonly total?: Money;
  readonly items?: readonly OrderItem[];
  /** True when the message shows the delivery address. */
  readonly hasAddress?: boolean;
  /** True when the message shows with which device and from where somebody signed in. */
  readonly hasOrigin?: boolean;
  /** What the link in the message is for. */
  readonly link?: string;
}

/** Words that staff wrote, with placeholders. */
export interface Words {
  readonly subject: string;
  readonly summary: string;
  readonly paragraphs: readonly string[];
}
/** A version of a template, in both languages. */
export type Content = Readonly<Record<Language, Words>>;

export type Row = readonly [label: string, value: string];
type OrderItem = EventData<"order.confirmed">["items"][number];

/** Data beside the event, fetched when the message is sent: no address is in this service's log. */
export interface Surroundings {
  readonly recipient: string;
  /** The time of the event, RFC 3339. */
  readonly at: string;
  readonly timeZone: string;
  /** Undefined when the order service does not know the order. */
  readonly order: Output<"order.lookup">["items"][number] | undefined;
  /** The address of the shop's pages. */
  readonly shop: string | null;
  /** Of a message about an account: its link, and what is not to be in an event. */
  readonly mail?: Mail | undefined;
  /** The words that staff wrote; without them, the repository's. */
  readonly content?: Content | undefined;
  /** Where its kind is stopped with one click; absent where that cannot be. */
  readonly unsubscribe?: { readonly post: string; readonly page: string } | null;
}

export type Mail = Output<"user.lookupMails">["items"][number];

/** @template More what its message needs beside the data of the event */
export interface Template<E extends EventName, More = unknown> {
  readonly event: E;
  /** About the security of an account: it goes by e-mail, whatever its reader has chosen, and by nothing else. */
  readonly isSecurity?: true;
  /** Its reader has asked for this one message, so it is sent unless they stopped its kind. */
  readonly isAsked?: true;
  /** It goes to the address of the shop's staff, and to nobody else. */
  readonly isForStaff?: true;
  /** For previews and tests. */
  readonly sample: EventData<E> & More;
  /** @param time writes a moment in the reader's language and the shop's time zone */
  readonly copy: Readonly<Record<Language, (data: EventData<E> & More, time: (moment: string) => string) => Copy>>;
}

/** The columns of a delivery that an attempt changes. */
export interface Outcome {
  readonly status: Status;
  readonly attempts: number;
  /** Milliseconds since the epoch; null when no attempt follows. */
  readonly next_at: number | null;
  /** A code, because a mail server's own words may name the recipient. */
  readonly error: string | null;
  readonly sent_at: string | null;
}

/** The columns of a delivery that tell who has the message; see `Trace`. */
export interface Traced {
  readonly provider: string | null;
  readonly reference: string | null;
}

/** Thrown by a provider when a retry is useless, for example for an address that does not exist. */
export class Undeliverable extends Error {
  /** The address itself is to blame, so that nothing more is sent to it. */
  readonly isBounce: boolean;

  constructor(message: string, { cause, isBounce = false }: { readonly cause: unknown; readonly isBounce?: boolean }) {
    super(message, { cause });
    this.isBounce = isBounce;
  }
}

/** Thrown by a provider that certainly did not take a message, or whose repeat has no effect: another one may take it. */
export class NotTaken extends Error {
  /** Nobody's message can be sent by it now. */
  readonly isDown: boolean;

  constructor(isDown: boolean, cause: unknown) {
    super("The provider did not take the message.", { cause });
    this.isDown = isDown;
  }
}

/** It is sent later, and that is no attempt. @param until milliseconds since the epoch */
export const postponed = (attempts: number, until: number, reason: string): Outcome => ({
  status: "queued",
  attempts,
  next_at: until,
  error: reason,
  sent_at: null,
});

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

const LONGEST_DELAY = HOUR;
/** Milliseconds between two attempts while a service is away. */
const SHORTEST_DELAY = 1000;

interface Patience {
  readonly attempts: number;
  /** Milliseconds. */
  readonly delay: number;
  readonly now: number;
}

/**
 * Queues the delivery again after a pause that doubles, or fails it when its attempts are used up or a retry is
 * useless. An attempt while one of our own services is away does not count, because it says nothing about the message.
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
  /** The code of an error that came through the broker. */
  readonly type?: string;
  readonly code?: string | number;
  /** The code of a mail server's answer. */
  readonly responseCode?: number;
  readonly name: string;
  readonly cause?: Coded;
}

/** The code of an error, never its message, which may hold an address. */
export function codeOf(error: unknown): string {
  const { type, code, responseCode, name, cause } = error as Coded;
  if ((error instanceof Undeliverable || error instanceof NotTaken) && cause) return codeOf(cause);
  return [type ?? code ?? name, responseCode ?? ""].join(" ").trim();
}
