/** All SQL of the delivery log: queued, claimed by one node at a time, completed, and read by recipients. */
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { isAmong, skipLocked } from "#mixins/database/locking.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Channel, Outcome, Traced } from "./notification.model.ts";
import type { TemplateName } from "./notification.template.ts";

export interface NotificationTables {
  deliveries: Outcome &
    Traced & {
      id: string;
      user_id: string;
      event_id: string;
      channel: Channel;
      template: TemplateName;
      /** The data of the event, as JSON. */
      data: string;
      created_at: string;
      /** When the provider reported that its recipient has it. */
      delivered_at: string | null;
      /** The version that it was or must be written with; null while that is the one in use. */
      template_version: number | null;
    };
  template_versions: {
    name: TemplateName;
    version: number;
    /** The words in both languages, as JSON. */
    content: string;
    note: string | null;
    author: string | null;
    created_at: string;
  };
  active_templates: { name: string; version: number };
  suppressions: {
    id: string;
    channel: Channel;
    /** Of the address, by a key: see suppression.model.ts. */
    hash: string;
    /** Whose message came back, where that is known. */
    user_id: string | null;
    reason: string;
    created_at: string;
  };
  preferences: Record<Channel, number> & {
    user_id: string;
    /** By kind and channel, and the quiet hours, as JSON. */
    kinds: string | null;
    quiet_hours: string | null;
    version: number;
  };
  restock_alerts: {
    id: string;
    user_id: string;
    product_id: string;
    /** When the product is looked up next, in milliseconds since the epoch. */
    check_at: number;
    created_at: string;
  };
  push_subscriptions: {
    id: string;
    user_id: string;
    endpoint: string;
    p256dh: string;
    auth: string;
    created_at: string;
  };
}
export type DeliveryRow = NotificationTables["deliveries"];

type Settled = Outcome & Traced & Pick<DeliveryRow, "template_version">;

type Db = Executor<NotificationTables>;
type Tx = Transaction<NotificationTables>;
const sql = statements<NotificationTables>();

const insertDelivery = sql((q, p: NewDelivery & { id: string; created_at: string; next_at: number }) =>
  q
    .insertInto("deliveries")
    .values({
      ...columns(p, "id", "user_id", "event_id", "channel", "template", "data"),
      ...columns(p, "template_version", "created_at", "next_at"),
      status: "queued",
      attempts: 0,
    } as DeliveryRow)
    .onConflict((one) => one.columns(["event_id", "channel"]).doNothing()),
);
const nextDue = sql((q, p: { channel: Channel }) =>
  q
    .selectFrom("deliveries")
    .select((e) => e.ref("next_at").as("at"))
    .where("channel", "=", p.channel)
    .where("next_at", "is not", null)
    .orderBy("next_at")
    .limit(1),
);
/** Nodes that claim at the same time get different rows. */
const claimDue = sql((q, p: { channel: Channel; now: number; lease: number; limit: number }) =>
  q
    .with("due", (w) =>
      skipLocked(
        q,
        w
          .selectFrom("deliveries")
          .select("id")
          .where("channel", "=", p.channel)
          .where("next_at", "is not", null)
          .where("next_at", "<=", p.now)
          .orderBy("next_at")
          .orderBy("id")
          .limit(p.limit),
      ),
    )
    .updateTable("deliveries")
    .set({ next_at: p.lease })
    .where(isAmong(q, "due"))
    .returningAll(),
);
const unclaim = sql((q, p: { id: string; lease: number; now: number }) =>
  q.updateTable("deliveries").set({ next_at: p.now }).where("id", "=", p.id).where("next_at", "=", p.lease),
);
const endLeases = sql((q, p: { channel: Channel; now: number }) =>
  q
    .updateTable("deliveries")
    .set({ next_at: p.now })
    .where("channel", "=", p.channel)
    .where("next_at", "is not", null)
    .where("next_at", ">", p.now),
);
const settleDelivery = sql((q, p: Settled & { id: string; lease: number }) =>
  q
    .updateTable("deliveries")
    .set(columns(p, "status", "attempts", "next_at", "error", "sent_at", "provider", "reference", "template_version"))
    .where("id", "=", p.id)
    .where("next_at", "=", p.lease),
);
const setTrace = sql((q, p: Traced & { id: string; lease: number }) =>
  q
    .updateTable("deliveries")
    .set(columns(p, "provider", "reference"))
    .where("id", "=", p.id)
    .where("next_at", "=", p.lease),
);
const findSent = sql((q, p: { id: string; provider: string }) =>
  q
    .selectFrom("deliveries")
    .selectAll()
    .where("id", "=", p.id)
    .where("provider", "=", p.provider)
    .where("status", "in", ["queued", "sent"]),
);
const setFate = sql((q, p: Pick<DeliveryRow, "status" | "error" | "sent_at" | "delivered_at" | "reference" | "id">) =>
  q
    .updateTable("deliveries")
    .set({ ...columns(p, "status", "error", "sent_at", "delivered_at", "reference"), next_at: null })
    .where("id", "=", p.id)
    .where("status", "in", ["queued", "sent"])
    .where("delivered_at", "is", null),
);

/** Queues one message on one channel, at most once per event. */
export type NewDelivery = Pick<
  DeliveryRow,
  "user_id" | "event_id" | "channel" | "template" | "data" | "template_version"
>;

export const queue = (delivery: NewDelivery, id: string = newId()): Write =>
  insertDelivery.with({ ...delivery, id, created_at: timestamp(), next_at: now() });

/** When the next delivery of a channel is due, or the next lease ends. */
export const next = (db: Db, channel: Channel): Promise<{ at: number | null } | undefined> =>
  db.one(nextDue, { channel });

/** Claims the oldest due deliveries for `lease` milliseconds. When this node dies, others get them after that. */
export async function claim(tx: Tx, channel: Channel, limit: number, lease: number): Promise<DeliveryRow[]> {
  const rows = await tx.all(claimDue, { channel, now: now(), lease: now() + lease, limit });
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Releases claimed deliveries for other nodes. Like `settle` it changes only rows that this node still holds. */
export const giveBack = (db: Db, { id, next_at }: DeliveryRow): Promise<number> =>
  db.run(unclaim, { id, lease: next_at!, now: now() });

export const release = (db: Db, channel: Channel): Promise<number> => db.run(endLeases, { channel, now: now() });

/** Changes nothing when another node has claimed the delivery meanwhile. */
export const settle = (db: Db, { id, next_at }: DeliveryRow, outcome: Settled): Promise<number> =>
  db.run(settleDelivery, { ...outcome, id, lease: next_at! });

/** Stores whom it is asked to take. Changes nothing when another node has claimed it meanwhile. */
export const trace = (db: Db, { id, next_at }: DeliveryRow, { provider, reference }: Traced): Promise<number> =>
  db.run(setTrace, { provider, reference, id, lease: next_at! });

/** A delivery that this provider has, or may have; undefined for any other. */
export const sentBy = (db: Db, provider: string, id: string): Promise<DeliveryRow | undefined> =>
  db.one(findSent, { id, provider });

type Fate = Pick<DeliveryRow, "status" | "error" | "delivered_at" | "reference">;

/** Stores what the provider reported; once it has arrived, nothing changes any more. */
export const report = ({ id, sent_at }: DeliveryRow, fate: Fate): Write =>
  setFate.with({ ...fate, id, sent_at: fate.status === "sent" ? (sent_at ?? timestamp()) : sent_at });

/** One person's messages, newest first. */
export const list = (db: Db, userId: string, paging: Paging): Promise<PageOf<DeliveryRow>> =>
  pageById(db.query.selectFrom("deliveries").selectAll().where("user_id", "=", userId), paging, (row) => row);
