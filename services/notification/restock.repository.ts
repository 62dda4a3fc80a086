/**
 * All SQL of restock alerts. Each has a time at which its product is looked up: at once when it is new and when the product is told
 * to be back, and once a day in between. Its message is queued in the transaction that removes it, so it is sent once.
 */
import { DAY, now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { isAmong, skipLocked } from "#mixins/database/locking.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { dueIn } from "#mixins/queue/due.ts";
import type { NotificationTables } from "./notification.repository.ts";

export type RestockAlertRow = NotificationTables["restock_alerts"];
type Own = Pick<RestockAlertRow, "user_id" | "product_id">;

type Db = Executor<NotificationTables>;
type Tx = Transaction<NotificationTables>;
const sql = statements<NotificationTables>();

export const due = dueIn<NotificationTables>()("restock_alerts", "check_at");

const listOwn = sql((q, p: Pick<Own, "user_id">) =>
  q.selectFrom("restock_alerts").selectAll().where("user_id", "=", p.user_id).orderBy("id"),
);
const insert = sql((q, p: RestockAlertRow) =>
  q.insertInto("restock_alerts").values(columns(p, "id", "user_id", "product_id", "check_at", "created_at")),
);
const removeOwn = sql((q, p: Pick<RestockAlertRow, "id" | "user_id">) =>
  q.deleteFrom("restock_alerts").where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const hasten = sql((q, p: Pick<RestockAlertRow, "product_id" | "check_at">) =>
  q.updateTable("restock_alerts").set({ check_at: p.check_at }).where("product_id", "=", p.product_id),
);
/** Nodes that claim at the same time get different rows. */
const claimDue = sql((q, p: { now: number; lease: number; limit: number }) =>
  q
    .with("due", (w) =>
      skipLocked(
        q,
        w
          .selectFrom("restock_alerts")
          .select("id")
          .where("check_at", "<=", p.now)
          .orderBy("check_at")
          .orderBy("id")
          .limit(p.limit),
      ),
    )
    .updateTable("restock_alerts")
    .set({ check_at: p.lease })
    .where(isAmong(q, "due"))
    .returningAll(),
);
const moveCheck = sql((q, p: { id: string; lease: number; check_at: number }) =>
  q.updateTable("restock_alerts").set({ check_at: p.check_at }).where("id", "=", p.id).where("check_at", "=", p.lease),
);
const spendRow = sql((q, p: Pick<RestockAlertRow, "id">) => q.deleteFrom("restock_alerts").where("id", "=", p.id));
const removeBefore = sql((q, p: { before: string }) =>
  q.deleteFrom("restock_alerts").where("created_at", "<", p.before),
);
const removeOfUser = sql((q, p: Pick<Own, "user_id">) =>
  q.deleteFrom("restock_alerts").where("user_id", "=", p.user_id),
);

/** Oldest first: they fit on one page. */
export const list = (db: Db, userId: string): Promise<RestockAlertRow[]> => db.all(listOwn, { user_id: userId });

/** The person's alert about the product; undefined when this person already has `most` others. */
export async function add(
  tx: Tx,
  userId: string,
  productId: string,
  most: number,
): Promise<RestockAlertRow | undefined> {
  tx.lock(`restock_alerts:${userId}`);
  const own = await list(tx, userId);
  const known = own.find(({ product_id }) => product_id === productId);
  if (known || own.length >= most) return known;
  const row = { id: newId(), user_id: userId, product_id: productId, check_at: now(), created_at: timestamp() };
  tx.add(insert.with(row));
  return row;
}

/** @returns false when this person has none with this id */
export const remove = async (db: Db, userId: string, id: string): Promise<boolean> =>
  (await db.run(removeOwn, { id, user_id: userId })) > 0;

/** Makes all alerts about a product due, those that a node has just looked up in vain too. */
export const announce = (productId: string): Write => hasten.with({ product_id: productId, check_at: now() });

/** Claims due alerts for `lease` milliseconds. When this node dies, others get them after that. */
export const claim = (tx: Tx, limit: number, lease: number): Promise<RestockAlertRow[]> =>
  tx.all(claimDue, { now: now(), lease: now() + lease, limit });

/** Changes nothing when its product was told to be back meanwhile. */
export const postpone = ({ id, check_at }: RestockAlertRow): Write =>
  moveCheck.with({ id, lease: check_at, check_at: now() + DAY });

/** @returns false when its person has removed it, or another node has told them */
export const spend = async (tx: Tx, id: string): Promise<boolean> => (await tx.run(spendRow, { id })) > 0;

export const removeOld = (db: Db, before: string): Promise<number> => db.run(removeBefore, { before });

export const forget = (userId: string): Write => removeOfUser.with({ user_id: userId });
