/** The notification service, with replacements for the user and order services that it asks, and people to notify. */
import { readFileSync } from "node:fs";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { dataPath } from "#core/config.ts";
import type { Output } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { sharedError } from "#core/errors.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import type { Database } from "#mixins/database/database.ts";
import { openDatabase } from "#mixins/database/open.ts";
import { config } from "../../../services/notification/notification.config.ts";
import type { Notification } from "../../../services/notification/notification.contract.ts";
import type { NotificationTables } from "../../../services/notification/notification.repository.ts";
import { notificationService } from "../../../services/notification/notification.service.ts";
import { type TemplateName, templates } from "../../../services/notification/notification.template.ts";
import type { PushSubscription } from "../../../services/notification/notification.provider.ts";
import { subscribe } from "../../../services/notification/preference.repository.ts";
import { type Mail, parseMail } from "../actors/mailbox.ts";
import { startBroker } from "./broker.ts";
import { localService } from "./local-service.ts";
import { eventually } from "../fixtures/eventually.ts";

type Contact = Omit<Output<"user.contact">["items"][number], "id">;
type Order = Output<"order.lookup">["items"][number];
type Product = Output<"product.lookup">["items"][number];

/** A service with one action, which answers the items that it has of the ids it is asked for. */
class Lookup<Item> {
  readonly items = new Map<string, Item>();
  isAway = false;
  readonly schema: ServiceSchema;

  constructor(name: string, action: string) {
    const handler = ({ params: { ids } }: { params: { ids: string[] } }) => {
      if (this.isAway) throw sharedError("SERVICE_UNAVAILABLE");
      return { items: ids.flatMap((id) => (this.items.has(id) ? [{ id, ...this.items.get(id) }] : [])) };
    };
    this.schema = { name, version: 1, actions: { [action]: { auth: "service", handler } as never } };
  }
}

export const users = new Lookup<Contact>("user", "contact");
export const orders = new Lookup<Order>("order", "lookup");
export const products = new Lookup<Product>("product", "lookup");

let broker: ServiceBroker;

/** The spec stops it with `stop()` before it starts it again. */
export async function start(settings: Partial<typeof config> = {}): Promise<void> {
  const service = notificationService({ ...config, NOTIFICATION_RATE: 0, NOTIFICATION_RETRY_DELAY: 10, ...settings });
  broker = await startBroker([users.schema, orders.schema, products.schema, service]);
}

export const stop = (): Promise<void> => broker.stop();

/** Calls the notification service as a new person with this role. */
export async function callerAs(role: "customer" | "staff", id: string = newId()) {
  const accessToken = await signAccessToken({ id, roles: [role], session: newId() });
  return <T>(action: string, params: object = {}) =>
    broker.call<T, object>(`notification.${action}`, params, { meta: { accessToken } });
}

/** Calls it without a token, as the systems of others do. */
export const asNobody = (action: string, params: object): Promise<unknown> =>
  broker.call(`notification.${action}`, params);

/** A new customer with a verified address, to which messages can be sent. */
export async function person(contact: Partial<Contact> = {}) {
  const id = newId();
  const email = `${id}@example.com`;
  users.items.set(id, { email, name: "Mina", language: "en", phone: null, emailVerified: true, ...contact });
  const call = await callerAs("customer", id);
  const list = async () => (await call<{ items: Notification[] }>("list", { limit: 100 })).items;
  /** Their messages, as soon as there are so many and none of them is still queued. */
  const finished = (least = 1) =>
    eventually(async () => {
      const items = await list();
      const isOver = items.length >= least && items.every(({ status }) => status !== "queued");
      return isOver ? items : null;
    });
  return { id, call, list, finished };
}

/** The event that causes this message, about an order of this person. */
export const eventFor = (template: TemplateName, userId: string): Envelope => ({
  id: newId(),
  type: templates[template].event,
  version: 1,
  time: timestamp(),
  source: "spec",
  subject: `spec:${newId()}`,
  correlationId: newId(),
  causationId: newId(),
  data: { ...templates[template].sample, userId },
});

export const publish = (...events: Envelope[]) => localBus(broker).publish(events);

/** The e-mail that was written instead of being sent, as it is and as its reader sees it. */
export function writtenMail(id: string): Mail & { readonly raw: string } {
  const raw = readFileSync(dataPath("mail", `${id}.eml`), "utf8");
  return { ...parseMail(raw), raw };
}

/** Works with the service's database, also after the service has stopped. */
export async function withStorage<T>(work: (db: Database<NotificationTables>) => Promise<T>): Promise<T> {
  const db = await openDatabase<NotificationTables>({ service: "notification", cache: null, warn: () => {} });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

export const notificationDatabase = (): Database<NotificationTables> =>
  localService<{ db: Database<NotificationTables> }>(broker, "notification").db;

/** Subscribes a browser of a push service that speaks plain HTTP, which the API refuses. */
export const subscribed = (userId: string, { endpoint, keys }: Omit<PushSubscription, "id">) =>
  notificationDatabase().write((tx) => subscribe(tx, userId, { endpoint, keys }, 20));

/** What the delivery log says of a person's messages. */
export const deliveriesOf = (userId: string) =>
  withStorage((db) =>
    db.query.selectFrom("deliveries").selectAll().where("user_id", "=", userId).orderBy("id").execute(),
  );
