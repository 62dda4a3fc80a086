/** Adds `this.dispatch`, which sends queued deliveries at least once, also after a crash, and never too fast. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { workContext } from "#core/context.ts";
import type { Output } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Database, Transaction } from "#mixins/database/database.ts";
import { Queue } from "#mixins/queue/queue.ts";
import type { NotificationConfig } from "./notification.config.ts";
import {
  afterFailure,
  channelsFor,
  type Mail,
  type Outcome,
  type Preferences,
  sent,
  suppressed,
} from "./notification.model.ts";
import type { Providers, Recipient } from "./notification.provider.ts";
import * as deliveries from "./notification.repository.ts";
import type { DeliveryRow, NotificationTables } from "./notification.repository.ts";
import { isSecurity, render, type TemplateName } from "./notification.template.ts";
import * as preferences from "./preference.repository.ts";

/** The most messages that are being sent at once. */
export const CONCURRENCY = 8;
/** The most messages that are claimed together. They wait for each other, so they are few. */
const BATCH = 4 * CONCURRENCY;
/** Milliseconds in which new messages are gathered, because their recipients are asked for together. */
const PACE = 50;

export interface Dispatch {
  /** Queues the event's message on every channel that the person may want. It is sent after the commit. */
  add(tx: Transaction<NotificationTables>, template: TemplateName, event: Envelope<{ userId: string }>): Promise<void>;
}

type Contact = Output<"user.contact">["items"][number];

/** The data of a batch's recipients, fetched once for all of it. */
interface People {
  readonly wanted: ReadonlyMap<string, Preferences>;
  /** Recipients whose account is not deleted. */
  readonly contacts: ReadonlyMap<string, Contact>;
  /** The orders that their messages are about. */
  readonly orders: ReadonlyMap<string, Output<"order.lookup">["items"][number]>;
  /** E-mails about accounts that are still wanted, with their links. */
  readonly mails: ReadonlyMap<string, Mail>;
}

interface Claimed {
  readonly row: DeliveryRow;
  /** Rejects when the data is not available now, so that no message of the batch can be sent. */
  readonly people: Promise<People>;
}

/** The part of its event that a delivery stores. */
interface Told {
  /** Absent in a message about no order. */
  readonly orderId?: string;
  /** The user service has more for it. */
  readonly mailId?: string;
  /** The time of the event; absent in deliveries of the release before. */
  readonly at?: string;
}

const told = ({ data }: DeliveryRow) => JSON.parse(data) as Told;

const byId = <T extends { readonly id: string }>(items: readonly T[]) => new Map(items.map((one) => [one.id, one]));

type Host = Service & { readonly db: Database<NotificationTables>; readonly dispatch?: Dispatcher };

class Dispatcher implements Dispatch {
  readonly #service: Host;
  readonly #config: NotificationConfig;
  readonly #providers: Providers;
  readonly #queue: Queue<Claimed>;

  constructor(service: Host, config: NotificationConfig, providers: Providers) {
    const { db } = service;
    this.#service = service;
    this.#config = config;
    this.#providers = providers;
    this.#queue = new Queue<Claimed>(service, {
      next: () => db.one(deliveries.next, {}),
      claim: (limit) => this.#claim(limit),
      work: (claimed) => this.#process(claimed),
      giveBack: ({ row }) => deliveries.giveBack(db, row),
      // An embedded database has one process, so every former lease is obsolete.
      release: async () => (db.dialect === "sqlite" ? deliveries.release(db) : 0),
      limit: BATCH,
      atOnce: CONCURRENCY,
      rate: config.NOTIFICATION_RATE,
      pace: PACE,
    });
  }

  start(): Promise<void> {
    return this.#queue.start();
  }

  /** Messages under way are completed, and the rest stays queued. */
  async stop(): Promise<void> {
    await this.#queue.stop();
    for (const provider of Object.values(this.#providers)) provider.close?.();
  }

  async add(
    tx: Transaction<NotificationTables>,
    template: TemplateName,
    event: Envelope<{ userId: string }>,
  ): Promise<void> {
    const { userId } = event.data;
    const data = JSON.stringify({ ...event.data, at: event.time } satisfies Partial<Told>);
    for (const channel of isSecurity(template) ? ["email" as const] : channelsFor(await preferences.find(tx, userId)))
      tx.add(deliveries.queue({ user_id: userId, event_id: event.id, channel, template, data }));
    tx.afterCommit(() => this.#queue.wake());
  }

  async #claim(limit: number): Promise<Claimed[]> {
    const rows = await this.#service.db.write((tx) => deliveries.claim(tx, limit, this.#config.NOTIFICATION_LEASE));
    if (rows.length === 0) return [];
    const people = this.#peopleOf(rows);
    // The sending of each message reports the error.
    people.catch(() => {});
    return rows.map((row) => ({ row, people }));
  }

  async #peopleOf(rows: readonly DeliveryRow[]): Promise<People> {
    const ids = [...new Set(rows.map(({ user_id }) => user_id))];
    const [wanted, { items }, orders, mails] = await Promise.all([
      preferences.findAll(this.#service.db, ids),
      workContext(this.#service).call("user.contact", { ids }),
      this.#ordersOf(rows),
      this.#mailsOf(rows),
    ]);
    return { wanted, contacts: byId(items), orders: byId(orders), mails: byId(mails) };
  }

  async #mailsOf(rows: readonly DeliveryRow[]): Promise<Output<"user.lookupMails">["items"]> {
    const ids = [...new Set(rows.flatMap((row) => told(row).mailId ?? []))];
    return ids.length === 0 ? [] : (await workContext(this.#service).call("user.lookupMails", { ids })).items;
  }

  async #ordersOf(rows: readonly DeliveryRow[]): Promise<Output<"order.lookup">["items"]> {
    const ids = [...new Set(rows.flatMap((row) => told(row).orderId ?? []))];
    return ids.length === 0 ? [] : (await workContext(this.#service).call("order.lookup", { ids })).items;
  }

  /** A delivery that cannot be marked is sent again after its lease. */
  async #process({ row, people }: Claimed): Promise<void> {
    const sending = people.then((known) => this.#send(row, known));
    const outcome = await sending.catch((error: unknown) => this.#failed(row, error));
    await deliveries.settle(this.#service.db, row, outcome);
  }

  async #send(row: DeliveryRow, { wanted, contacts, orders, mails }: People): Promise<Outcome> {
    const { id, user_id, channel, template, attempts, created_at: createdAt } = row;
    if (!isSecurity(template) && !wanted.get(user_id)![channel]) return suppressed(attempts, "NOT_WANTED");
    const contact = contacts.get(user_id);
    if (!contact) return suppressed(attempts, "USER_GONE");
    const data = told(row);
    const mail = mails.get(data.mailId ?? "");
    if (data.mailId !== undefined && !mail) return suppressed(attempts, "OUTDATED");
    // Anybody can sign up with a foreign address, so only verified ones get e-mail, and those that the user service names
    // itself. A node of the release before does not report it; browsers subscribed by themselves.
    const { emailVerified = true } = contact;
    if (!emailVerified && channel !== "push" && !mail?.email) return suppressed(attempts, "UNVERIFIED");
    const recipient = await this.#recipientOf(contact, row, mail);
    const provider = this.#providers[channel];
    if (!provider.reaches(recipient)) return suppressed(attempts, "NO_ADDRESS");
    const { language } = contact;
    const { NOTIFICATION_TIME_ZONE: timeZone, PUBLIC_URL: shop } = this.#config;
    const message = render(template, language, data, {
      recipient: recipient.name,
      at: data.at ?? createdAt,
      timeZone,
      order: orders.get(data.orderId ?? ""),
      shop,
      mail,
    });
    await provider.send(recipient, { ...message, id, language, createdAt });
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

/** @param open makes the providers when the service starts */
export function dispatch(config: NotificationConfig, open: () => Providers): Mixin<{ readonly dispatch: Dispatch }> {
  return mixin<{ readonly dispatch: Dispatch }, Host>({
    async started() {
      const dispatcher = new Dispatcher(this, config, open());
      addName(this, "dispatch", dispatcher);
      await dispatcher.start();
    },
    async stopped() {
      await this.dispatch?.stop();
    },
  });
}
