/** All SQL of points. Bookings are only ever added; accounts and lots are what they come to. */
import type { PageOf, Paging } from "#core/cursor.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { dueIn } from "#mixins/queue/due.ts";
import type { PointsEntry } from "./point.contract.ts";
import {
  type AccountRow,
  type BookingRow,
  type Lot,
  type PointHoldRow,
  type PointTables,
  toEntry,
  type TransactionRow,
} from "./point.model.ts";
import type { Db } from "./user.repository.ts";

const sql = statements<PointTables>();
type OfUser = { user_id: string };
type OfOrder = { order_id: string };

export const findAccount = sql((q, p: OfUser) =>
  q.selectFrom("point_accounts").selectAll().where("user_id", "=", p.user_id),
);
export const insertAccount = sql((q, p: OfUser) =>
  q
    .insertInto("point_accounts")
    .values({ user_id: p.user_id, balance: 0, held: 0, owed: 0 })
    .onConflict((one) => one.column("user_id").doNothing()),
);
/** The constraints refuse what would be below 0. */
export const changeAccount = sql((q, p: AccountRow) =>
  q
    .updateTable("point_accounts")
    .set((e) => ({
      balance: e("balance", "+", p.balance),
      held: e("held", "+", p.held),
      owed: e("owed", "+", p.owed),
    }))
    .where("user_id", "=", p.user_id),
);

/** The earliest expiring first. */
export const listLots = sql((q, p: OfUser) =>
  q.selectFrom("point_lots").select(["expires_at", "points"]).where("user_id", "=", p.user_id).orderBy("expires_at"),
);
export const addToLot = sql((q, p: PointTables["point_lots"]) =>
  q
    .insertInto("point_lots")
    .values(columns(p, "user_id", "expires_at", "points", "tell_at"))
    .onConflict((one) =>
      one
        .columns(["user_id", "expires_at"])
        .doUpdateSet((e) => ({ points: e("point_lots.points", "+", e.ref("excluded.points")) })),
    ),
);
/** @param p points below 0 */
export const takeFromLot = sql((q, p: OfUser & Lot) =>
  q
    .updateTable("point_lots")
    .set((e) => ({ points: e("points", "+", p.points) }))
    .where("user_id", "=", p.user_id)
    .where("expires_at", "=", p.expires_at),
);
export const removeEmptyLots = sql((q, p: OfUser) =>
  q.deleteFrom("point_lots").where("user_id", "=", p.user_id).where("points", "=", 0),
);
export const toTell = dueIn<PointTables>()("point_lots", "tell_at");
/** Changes nothing when another node has told it, or nothing is left. */
export const markTold = sql((q, p: OfUser & { expires_at: number }) =>
  q
    .updateTable("point_lots")
    .set({ tell_at: null })
    .where("user_id", "=", p.user_id)
    .where("expires_at", "=", p.expires_at)
    .where("tell_at", "is not", null)
    .returning("points"),
);
export const due = dueIn<PointTables>()("point_lots", "expires_at");

export const insertTransaction = sql((q, p: TransactionRow) =>
  q
    .insertInto("point_transactions")
    .values(columns(p, "id", "user_id", "reason", "order_id", "cause", "points", "note", "staff_id", "created_at")),
);
export const findCause = sql((q, p: { cause: string }) =>
  q.selectFrom("point_transactions").select("id").where("cause", "=", p.cause),
);
export const insertBooking = sql((q, p: BookingRow) =>
  q
    .insertInto("point_bookings")
    .values(columns(p, "transaction_id", "position", "source", "target", "amount", "expires_at")),
);
/** Staff may have written anything. */
export const eraseNotes = sql((q, p: OfUser) =>
  q
    .updateTable("point_transactions")
    .set({ note: null })
    .where("user_id", "=", p.user_id)
    .where("note", "is not", null),
);

export const insertHold = sql((q, p: PointHoldRow) =>
  q.insertInto("point_holds").values(columns(p, "order_id", "expires_at", "points", "returned")),
);
export const removeHolds = sql((q, p: OfOrder) => q.deleteFrom("point_holds").where("order_id", "=", p.order_id));
/** The latest expiring first. */
export const listHolds = sql((q, p: OfOrder) =>
  q.selectFrom("point_holds").selectAll().where("order_id", "=", p.order_id).orderBy("expires_at", "desc"),
);
export const markReturned = sql((q, p: OfOrder & Lot) =>
  q
    .updateTable("point_holds")
    .set((e) => ({ returned: e("returned", "+", p.points) }))
    .where("order_id", "=", p.order_id)
    .where("expires_at", "=", p.expires_at),
);

export const findEarning = sql((q, p: OfOrder) =>
  q.selectFrom("point_earnings").select(["paid", "points"]).where("order_id", "=", p.order_id),
);
export const setEarning = sql((q, p: PointTables["point_earnings"]) =>
  q
    .insertInto("point_earnings")
    .values(columns(p, "order_id", "user_id", "paid", "points"))
    .onConflict((one) =>
      one.column("order_id").doUpdateSet((e) => ({ paid: e.ref("excluded.paid"), points: e.ref("excluded.points") })),
    ),
);

/** Newest first, without what changed nothing for the person. */
export const page = (db: Db, userId: string, paging: Paging): Promise<PageOf<PointsEntry>> =>
  pageById(
    db.query.selectFrom("point_transactions").selectAll().where("user_id", "=", userId).where("points", "<>", 0),
    paging,
    toEntry,
  );
