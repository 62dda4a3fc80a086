/** Adds `this.dispatch`, which sends queued deliveries at least once, also after a crash, and never too fast. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import type { Envelope } from "#core/envelope.ts";
import { newId } from "#core/id.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Database, Transaction } from "#mixins/database/database.ts";
import { openMailbox } from "#mixins/node/mailbox.ts";
import { Queue } from "#mixins/queue/queue.ts";
import { CONCURRENCY, FILES, providersOf } from "./channel.provider.ts";
import { isWanted } from "./choice.model.ts";
import { heldBack } from "./delivery.policy.ts";
import { messageFor } from "./message.template.ts";
import type { NotificationConfig } from "./notification.config.ts";
import {
  afterFailure,
  type Channel,
  channels,
  type Mail,
  type Outcome,
  sent,
  suppressed,
} from "./notification.model.ts";
import type { Providers, Recipient, Trace } from "./notification.provider.ts";
import * as deliveries from "./notification.repository.ts";
import type { DeliveryRow, NewDelivery, NotificationTables } from "./notification.repository.ts";
import { isAsked, isUrgent, kindOf, type TemplateName } from "./notification.template.ts";
import * as preferences from "./preference.repository.ts";
import { type Contact, type People, peopleOf, told } from "./recipient.provider.ts";
import { Address } from "./suppression.provider.ts";

/** The most messages of a channel that are claimed together. They wait for each other, so they are few. */
const BATCH = 4 * CONCURRENCY;
/** Milliseconds in which new messages are gathered, because their recipients are asked for together. */
const PACE = 50;

/** What a message is about. An id has one message on each channel, however often it is added. */
export type Cause = Pick<Envelope<{ userId: string }>, "id" | "time" | "data">;

export interface Dispatch {
  /** Queues the event's message on every channel that the person may want. It is sent after the commit. */
  add(tx: Transaction<NotificationTables>, template: TemplateName, event: Cause): Promise<void>;
  /** Queues a message that somebody of the staff sends to himself. @returns its id */
  test(tx: Transaction<NotificationTables>, delivery: NewDelivery): string;
}

interface Claimed {
  readonly row: DeliveryRow;
  /** Rejects when the data is not available now, so that no message of the batch can be sent. */
  readonly people: Promise<People>;
}

type Host = Service & { readonly db: Database<NotificationTables>; readonly dispatch?: Dispatcher };

class Dispatcher implements Dispatch {
  readonly #service: Host;
  readonly #config: NotificationConfig;
  readonly #providers: Providers;
  /** One for each channel, so that a slow provider delays no message of another. */
  readonly #queues: Readonly<Record<Channel, Queue<Claimed>>>;

  constructor(service: Host, config: NotificationConfig) {
    this.#service = service;
    this.#config = config;
    this.#providers = providersOf(config, service.db);
    this.#queues = Object.fromEntries(channels.map((channel) => [channel, this.#queueOf(channel)])) as never;
  }

  #queueOf(channel: Channel): Queue<Claimed> {
    const { db } = this.#service;
    return new Queue<Claimed>(this.#service, {
      next: () => deliveries.next(db, channel),
      claim: (limit) => this.#claim(channel, limit),
      work: (claimed) => this.#process(claimed),
      giveBack: ({ row }) => deliveries.giveBack(db, row),
      // An embedded database has one process, so every former lease is obsolete.
      release: async () => (db.dialect === "sqlite" ? deliveries.release(db, channel) : 0),
      limit: BATCH,
      atOnce: CONCURRENCY,
      rate: this.#config.NOTIFICATION_RATE,
      pace: PACE,
    });
  }

  async start(): Promise<void> {
    openMailbox(channels.filter((channel) => this.#providers[channel].name === FILES));
    for (const queue of Object.values(this.#queues)) await queue.start();
  }

  /** Messages under way are completed, and the rest stays queued. */
  async stop(): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue.stop()));
    for (const provider of Object.values(this.#providers)) provider.close?.();
  }

  async add(tx: Transaction<NotificationTables>, template: TemplateName, event: Cause): Promise<void> {
    const { userId } = event.data;
    const data = JSON.stringify({ ...event.data, at: event.time });
    const [kind, wanted] = [kindOf(template), await preferences.find(tx, userId)];
    // E-mail always, so that the log shows what was not sent; other channels only when they are wanted.
    const isLogged = (channel: Channel) =>
      channel === "email" ||
      isWanted(wanted, { channel, kind, isUrgent: isUrgent(template), isAsked: isAsked(template) });
    for (const channel of channels.filter(isLogged))
      this.#queue(tx, { user_id: userId, event_id: event.id, channel, template, data, template_version: null });
  }

  test(tx: Transaction<NotificationTables>, delivery: NewDelivery): string {
    return this.#queue(tx, delivery);
  }

  #queue(tx: Transaction<NotificationTables>, delivery: NewDelivery): string {
    const id = newId();
    tx.add(deliveries.queue(delivery, id));
    tx.afterCommit(() => this.#queues[delivery.channel].wake());
    return id;
  }

  async #claim(channel: Channel, limit: number): Promise<Claimed[]> {
    const lease = this.#config.NOTIFICATION_LEASE;
    const rows = await this.#service.db.write((tx) => deliveries.claim(tx, channel, limit, lease));
    if (rows.length === 0) return [];
    const people = peopleOf(this.#service, this.#config, rows);
    // The sending of each message reports the error.
    people.catch(() => {});
    return rows.map((row) => ({ row, people }));
  }

  /** A delivery that cannot be marked is sent again after its lease. */
  async #process({ row, people }: Claimed): Promise<void> {
    const { db } = this.#service;
    const { provider, reference } = row;
    const trace: Trace = { provider, reference, store: async () => void (await deliveries.trace(db, row, trace)) };
    const sending = people.then((known) => this.#send(row, known, trace));
    const outcome = await sending.catch((error: unknown) => this.#failed(row, error));
    const template_version = outcome.status === "sent" ? (await people).chosen(row).version : row.template_version;
    const { provider: by, reference: as } = trace;
    await deliveries.settle(db, row, { ...outcome, provider: by, reference: as, template_version });
  }

  async #send(row: DeliveryRow, people: People, trace: Trace): Promise<Outcome> {
    const held = heldBack(row, people, now());
    if (held) return held;
    const { id, channel, template, attempts, created_at: createdAt } = row;
    const contact = people.reader(row).contact!;
    const { isTest, language = contact.language, mailId = "" } = told(row);
    const mail = isTest ? undefined : people.mails.get(mailId);
    const recipient = await this.#recipientOf(contact, row, mail);
    const provider = this.#providers[channel];
    if (!provider.reaches(recipient)) return suppressed(attempts, "NO_ADDRESS");
    const address = new Address(this.#service.db, this.#config, row, recipient);
    // What somebody has asked for just now is tried: perhaps the address is good again.
    if (!mail?.link && (await address.isSuppressed())) return suppressed(attempts, "BOUNCED");
    const message = messageFor(this.#config, row, people, { language, mail, name: recipient.name });
    const parcel = { ...message, id, language, createdAt, isUrgent: isUrgent(template) };
    try {
      await provider.send(recipient, parcel, trace);
    } catch (error) {
      await address.failed(error);
      throw error;
    }
    if (mail?.link) await address.restore();
    return sent(attempts);
  }

  /** Where the address may be somebody else's, the message does not show what the person calls themselves. */
  async #recipientOf(contact: Contact, { channel, user_id }: DeliveryRow, mail: Mail | undefined): Promise<Recipient> {
    const pushSubscriptions = channel === "push" ? await preferences.subscriptions(this.#service.db, user_id) : [];
    return { ...contact, ...(mail?.email && { email: mail.email, name: "" }), pushSubscriptions };
  }

  #failed({ id, attempts }: DeliveryRow, error: unknown): Outcome {
    const { NOTIFICATION_ATTEMPTS, NOTIFICATION_RETRY_DELAY } = this.#config;
    const patience = { attempts: NOTIFICATION_ATTEMPTS, delay: NOTIFICATION_RETRY_DELAY, now: now() };
    const outcome = afterFailure(attempts, error, patience);
    const { status, error: code, attempts: made } = outcome;
    if (status === "failed") this.#service.logger.error(`The delivery ${id} failed after ${made} attempts: ${code}.`);
    else this.#service.logger.warn(`The delivery ${id} waits for another attempt: ${code}.`);
    return outcome;
  }
}

export function dispatch(config: NotificationConfig): Mixin<{ readonly dispatch: Dispatch }> {
  return mixin<{ readonly dispatch: Dispatch }, Host>({
    async started() {
      const dispatcher = new Dispatcher(this, config);
      addName(this, "dispatch", dispatcher);
      await dispatcher.start();
    },
    async stopped() {
      await this.dispatch?.stop();
    },
  });
}
