/** All SQL of the delivery log: queued, claimed by one node at a time, completed, and read by recipients. */
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { isAmong, skipLocked } from "#mixins/database/locking.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { dueIn } from "#mixins/queue/due.ts";
import type { Channel, Outcome } from "./notification.model.ts";
import type { TemplateName } from "./notification.template.ts";

export interface NotificationTables {
  deliveries: Outcome & {
    id: string;
    user_id: string;
    event_id: string;
    channel: Channel;
    template: TemplateName;
    /** The data of the event, as JSON. */
    data: string;
    created_at: string;
  };
  preferences: Record<Channel, number> & { user_id: string; version: number };
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

type Db = Executor<NotificationTables>;
type Tx = Transaction<NotificationTables>;
const sql = statements<NotificationTables>();

const insertDelivery = sql((q, p: Omit<DeliveryRow, keyof Outcome> & { next_at: number }) =>
  q
    .insertInto("deliveries")
    .values({
      ...columns(p, "id", "user_id", "event_id", "channel", "template", "data", "created_at", "next_at"),
      status: "queued",
      attempts: 0,
    } as DeliveryRow)
    .onConflict((one) => one.columns(["event_id", "channel"]).doNothing()),
);
/** Nodes that claim at the same time get different rows. */
const claimDue = sql((q, p: { now: number; lease: number; limit: number }) =>
  q
    .with("due", (w) =>
      skipLocked(
        q,
        w
          .selectFrom("deliveries")
          .select("id")
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
const endLeases = sql((q, p: { now: number }) =>
  q.updateTable("deliveries").set({ next_at: p.now }).where("next_at", "is not", null).where("next_at", ">", p.now),
);
const settleDelivery = sql((q, p: Outcome & { id: string; lease: number }) =>
  q
    .updateTable("deliveries")
    .set(columns(p, "status", "attempts", "next_at", "error", "sent_at"))
    .where("id", "=", p.id)
    .where("next_at", "=", p.lease),
);

/** Queues one message on one channel, at most once per event. */
export type NewDelivery = Pick<DeliveryRow, "user_id" | "event_id" | "channel" | "template" | "data">;

export const queue = (delivery: NewDelivery): Write =>
  insertDelivery.with({ ...delivery, id: newId(), created_at: timestamp(), next_at: now() });

/** When the next delivery is due, or the next lease ends. */
export const { next } = dueIn<NotificationTables>()("deliveries", "next_at");

/** Claims the oldest due deliveries for `lease` milliseconds. When this node dies, others get them after that. */
export async function claim(tx: Tx, limit: number, lease: number): Promise<DeliveryRow[]> {
  const rows = await tx.all(claimDue, { now: now(), lease: now() + lease, limit });
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Releases claimed deliveries for other nodes. Like `settle` it changes only rows that this node still holds. */
export const giveBack = (db: Db, { id, next_at }: DeliveryRow): Promise<number> =>
  db.run(unclaim, { id, lease: next_at!, now: now() });

export const release = (db: Db): Promise<number> => db.run(endLeases, { now: now() });

/** Changes nothing when another node has claimed the delivery meanwhile. */
export const settle = (db: Db, { id, next_at }: DeliveryRow, outcome: Outcome): Promise<number> =>
  db.run(settleDelivery, { ...outcome, id, lease: next_at! });

/** One person's messages, newest first. */
export const list = <Item>(
  db: Db,
  userId: string,
  paging: Paging,
  toItem: (row: DeliveryRow) => Item,
): Promise<PageOf<Item>> =>
  pageById(db.query.selectFrom("deliveries").selectAll().where("user_id", "=", userId), paging, toItem);
