/** What other services know of a batch's recipients, asked for once for all of it. No address is kept in this service. */
import type { Service } from "moleculer";
import { workContext } from "#core/context.ts";
import type { Output } from "#core/contract.ts";
import type { Language } from "#core/text.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Preferences } from "./choice.model.ts";
import { keyOf, type NotificationConfig } from "./notification.config.ts";
import type { Mail } from "./notification.model.ts";
import type { DeliveryRow, NotificationTables } from "./notification.repository.ts";
import * as preferences from "./preference.repository.ts";
import { STAFF, staffContact } from "./staff.model.ts";
import { type Chosen, chosenFor } from "./template.repository.ts";
import { chooserOf } from "./unsubscription.model.ts";

export type Contact = Output<"user.contact">["items"][number];

export interface Reader {
  /** Absent once the account is deleted, or a guest's order claimed. */
  readonly contact?: Contact | undefined;
  readonly isGuest: boolean;
  /** Whose choices count. */
  readonly chooser: string;
  readonly wanted: Preferences;
}

export interface People {
  readonly reader: (row: DeliveryRow) => Reader;
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

/**
 * Who has ordered without an account. What they call themselves is not shown: the address may be somebody else's. It is that of
 * the order, since one guest may have placed others with other addresses.
 */
function guestOf(row: DeliveryRow, orders: ReadonlyMap<string, Output<"order.lookup">["items"][number]>) {
  const { orderId, isTest } = told(row);
  const guest = isTest || orderId === undefined ? undefined : orders.get(orderId)?.guest;
  if (guest?.userId !== row.user_id) return undefined;
  const { userId: id, email, language } = guest;
  return { id, email, language, name: "", phone: null, emailVerified: true } satisfies Contact;
}

/** @throws an error that can be retried, when one of the services is away */
export async function peopleOf(host: Host, config: NotificationConfig, rows: readonly DeliveryRow[]): Promise<People> {
  const ids = [...new Set(rows.map(({ user_id }) => user_id))];
  const staff = staffContact(config);
  const [{ items }, about, mails, chosen] = await Promise.all([
    workContext(host).call("user.contact", { ids }),
    ordersOf(host, rows),
    mailsOf(host, rows),
    chosenFor(host.db, rows),
  ]);
  const [contacts, orders] = [byId(items), byId(about)];
  const readers = new Map(
    rows.map((row) => {
      const guest = guestOf(row, orders);
      const chooser = guest ? chooserOf(keyOf(config), guest.email) : row.user_id;
      return [
        row.id,
        {
          contact: guest ?? (row.user_id === STAFF ? staff : contacts.get(row.user_id)),
          isGuest: guest !== undefined,
          chooser,
        },
      ];
    }),
  );
  const wanted = await preferences.findAll(host.db, [...new Set([...readers.values()].map(({ chooser }) => chooser))]);
  const reader = ({ id }: DeliveryRow): Reader => {
    const known = readers.get(id)!;
    return { ...known, wanted: wanted.get(known.chooser)! };
  };
  return { reader, orders, mails: byId(mails), chosen };
}
