/** What other services know of a batch's recipients, asked for once for all of it. No address is kept in this service. */
import type { Service } from "moleculer";
import { workContext } from "#core/context.ts";
import type { Output } from "#core/contract.ts";
import type { Language } from "#core/text.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Preferences } from "./choice.model.ts";
import type { Mail } from "./notification.model.ts";
import type { DeliveryRow, NotificationTables } from "./notification.repository.ts";
import * as preferences from "./preference.repository.ts";
import { type Chosen, chosenFor } from "./template.repository.ts";

export type Contact = Output<"user.contact">["items"][number];

export interface People {
  readonly wanted: ReadonlyMap<string, Preferences>;
  /** Recipients whose account is not deleted. */
  readonly contacts: ReadonlyMap<string, Contact>;
  /** The orders that their messages are about. */
  readonly orders: ReadonlyMap<string, Output<"order.lookup">["items"][number]>;
  /** E-mails about accounts that are still wanted, with their links. */
  readonly mails: ReadonlyMap<string, Mail>;
  /** With which version of its template a message is written. */
  readonly chosen: (row: DeliveryRow) => Chosen;
}

/** The part of its event that a delivery stores. */
export interface Told {
  /** Absent in a message about no order. */
  readonly orderId?: string;
  /** The user service has more for it. */
  readonly mailId?: string;
  /** The time of the event; absent in deliveries of the release before. */
  readonly at?: string;
  /** Somebody of the staff sends it to himself, with sample data. */
  readonly isTest?: true;
  /** Of a test: in which language, unless in the reader's. */
  readonly language?: Language;
}

export const told = ({ data }: Pick<DeliveryRow, "data">) => JSON.parse(data) as Told;

type Host = Service & { readonly db: Database<NotificationTables> };

const byId = <T extends { readonly id: string }>(items: readonly T[]) => new Map(items.map((one) => [one.id, one]));

/** The different values, of which there may be none. */
const idsIn = (rows: readonly DeliveryRow[], name: "orderId" | "mailId"): string[] => [
  ...new Set(rows.map(told).flatMap((data) => (data.isTest ? [] : (data[name] ?? [])))),
];

async function ordersOf(host: Host, rows: readonly DeliveryRow[]) {
  const ids = idsIn(rows, "orderId");
  return ids.length === 0 ? [] : (await workContext(host).call("order.lookup", { ids })).items;
}

async function mailsOf(host: Host, rows: readonly DeliveryRow[]) {
  const ids = idsIn(rows, "mailId");
  return ids.length === 0 ? [] : (await workContext(host).call("user.lookupMails", { ids })).items;
}

/** Who has ordered without an account. What they call themselves is not shown: the address may be somebody else's. */
const guestsOf = (orders: Output<"order.lookup">["items"]): Contact[] =>
  orders.flatMap(({ guest }) => {
    if (!guest) return [];
    const { userId: id, email, language } = guest;
    return [{ id, email, language, name: "", phone: null, emailVerified: true }];
  });

/** @throws an error that can be retried, when one of the services is away */
export async function peopleOf(host: Host, rows: readonly DeliveryRow[]): Promise<People> {
  const ids = [...new Set(rows.map(({ user_id }) => user_id))];
  const [wanted, { items }, orders, mails, chosen] = await Promise.all([
    preferences.findAll(host.db, ids),
    workContext(host).call("user.contact", { ids }),
    ordersOf(host, rows),
    mailsOf(host, rows),
    chosenFor(host.db, rows),
  ]);
  return { wanted, contacts: byId([...items, ...guestsOf(orders)]), orders: byId(orders), mails: byId(mails), chosen };
}
