/** The interface of a provider that sends the messages of a channel. Another provider implements it. */
import type { Language } from "#core/text.ts";
import type { Channel } from "./notification.model.ts";
import type { Message } from "./notification.template.ts";

/** A person, looked up when the message is sent: no address is kept in this service's log. */
export interface Recipient {
  readonly email: string;
  readonly name: string;
  readonly phone: string | null;
  readonly pushSubscriptions: readonly PushSubscription[];
}

/** What a browser gives for Web Push (W3C Push API, RFC 8291). */
export interface PushSubscription {
  readonly id: string;
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface Parcel extends Message {
  /** The delivery's: the same at every attempt, so that a repeat can be recognised. */
  readonly id: string;
  readonly language: Language;
  /** RFC 3339. */
  readonly createdAt: string;
  /** It may interrupt its reader. */
  readonly isUrgent: boolean;
}

/** What is known of a message from attempts before. A provider changes it, and it is stored however the attempt ends. */
export interface Trace {
  /** The provider that was asked, and may have the message; after a success, the one that has it. */
  provider: string | null;
  /** What the provider calls it; of a push message, the ids of the browsers that have it, with blanks between. */
  reference: string | null;
  /** Stores what is known now, before the provider is asked: then a crash leaves no doubt about whom to ask. */
  store(): Promise<void>;
}

export interface Provider {
  readonly name: string;
  /** False when the person has no address on this channel. */
  reaches(recipient: Recipient): boolean;
  /**
   * Resolves when somebody else is responsible for the message. It may be asked again for the same one.
   * @throws Undeliverable when asking again is useless, NotTaken when another provider may take it; after anything else it may
   *   have been taken
   */
  send(recipient: Recipient, parcel: Parcel, trace: Trace): Promise<void>;
  close?(): void;
}

export type Providers = Readonly<Record<Channel, Provider>>;
