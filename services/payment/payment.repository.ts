/** All SQL of payments. The WHERE includes the owner, so another person's payment is not found. */
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { dueIn } from "#mixins/queue/due.ts";
import type { Difference } from "./charge.model.ts";
import { config } from "./payment.config.ts";
import { payment, type Payment } from "./payment.contract.ts";
import { isUndecided, nextCheck, type PaymentStatus } from "./payment.model.ts";
import type * as rows from "./payment.projection.ts";
import { type PaymentRow, toPayment } from "./payment.projection.ts";
import type { ReportDifferenceRow, ReportRow } from "./report.projection.ts";

export interface PaymentTables {
  payments: PaymentRow;
  captures: rows.CaptureRow;
  disputes: rows.DisputeRow;
  refunds: rows.RefundRow;
  payment_methods: rows.MethodRow;
  removed_methods: rows.RemovalRow;
  reports: ReportRow;
  report_differences: ReportDifferenceRow;
  webhook_events: { provider: string; id: string; received_at: number };
}

export type Db = Executor<PaymentTables>;
export type Tx = Transaction<PaymentTables>;
/** The person whose payments are visible; null for everybody's. */
export type Owner = string | null;

const sql = statements<PaymentTables>();
/** Payments about which the provider must be asked. */
export const due = dueIn<PaymentTables>()("payments", "check_at");

const insert = sql((q, p: PaymentRow) =>
  q
    .insertInto("payments")
    .values(
      columns(
        p,
        "id",
        "order_id",
        "purpose",
        "user_id",
        "provider",
        "token",
        "charge_id",
        "currency",
        "amount",
        "captured",
        "claimed",
        "refunded",
        "lost",
        "at_once",
        "multicapture",
        "status",
        "reason",
        "action_url",
        "check_at",
        "difference",
        "awaited",
        "created_at",
        "updated_at",
      ),
    )
    // Of its order, or of its charge where that may have one payment only.
    .onConflict((conflict) => conflict.doNothing()),
);
const findById = sql((q, p: { id: string }) => q.selectFrom("payments").selectAll().where("id", "=", p.id));
const findOwn = sql((q, p: { id: string; owner: string }) =>
  q.selectFrom("payments").selectAll().where("id", "=", p.id).where("user_id", "=", p.owner),
);
const setOwner = sql((q, p: { order_id: string; from: string; to: string }) =>
  q.updateTable("payments").set({ user_id: p.to }).where("order_id", "=", p.order_id).where("user_id", "=", p.from),
);
const findByOrder = sql((q, p: { order_id: string }) =>
  q.selectFrom("payments").selectAll().where("order_id", "=", p.order_id),
);
const followed = ["status", "captured", "claimed", "multicapture", "charge_id", "action_url", "reason"] as const;
const moved = [...followed, "difference", "updated_at"] as const;
const moving = (...set: readonly (keyof PaymentRow)[]) =>
  sql((q, p: PaymentRow & { from: PaymentStatus; had: number; wanted: number }) =>
    q
      .updateTable("payments")
      .set(columns(p, ...set))
      .where("id", "=", p.id)
      .where("status", "=", p.from)
      .where("captured", "=", p.had)
      .where("claimed", "=", p.wanted)
      .where("awaited", "=", p.awaited),
  );
const moveOn = moving(...moved);
const moveAndSetCheck = moving(...moved, "check_at");
const setAwaited = sql((q, p: Pick<PaymentRow, "id" | "status">) =>
  q.updateTable("payments").set({ awaited: 1 }).where("id", "=", p.id).where("status", "=", p.status),
);
const differ = sql((q, p: { id: string; difference: string; check_at: number }) =>
  q
    .updateTable("payments")
    .set(columns(p, "difference", "check_at"))
    .where("id", "=", p.id)
    .where((e) => e.or([e("difference", "is", null), e("difference", "<>", p.difference)])),
);
const agree = sql((q, p: { id: string }) =>
  q.updateTable("payments").set({ difference: null }).where("id", "=", p.id).where("difference", "is not", null),
);
const setCheckOfOrder = sql((q, p: { order_id: string; check_at: number }) =>
  q
    .updateTable("payments")
    .set({ check_at: p.check_at })
    .where("order_id", "=", p.order_id)
    .where("user_id", "is not", null),
);
const endUntaken = sql((q, p: { id: string; charge_id: string; captured: number }) =>
  q
    .updateTable("payments")
    .set({ ...columns(p, "charge_id", "captured"), claimed: p.captured, check_at: null })
    .where("id", "=", p.id),
);
const setTaken = sql((q, p: { id: string; charge_id: string; captured: number; check_at: number }) =>
  q
    .updateTable("payments")
    .set((e) => ({
      ...columns(p, "charge_id", "captured"),
      claimed: p.captured,
      check_at: e.fn.coalesce("check_at", e.val(p.check_at)),
    }))
    .where("id", "=", p.id),
);
const setCheck = sql((q, p: { id: string; check_at: number | null }) =>
  q.updateTable("payments").set({ check_at: p.check_at }).where("id", "=", p.id),
);
const moveCheck = sql((q, p: { id: string; seen: number; check_at: number }) =>
  q.updateTable("payments").set({ check_at: p.check_at }).where("id", "=", p.id).where("check_at", "=", p.seen),
);
type New = Pick<PaymentRow, "order_id" | "purpose" | "user_id" | "provider" | "token" | "amount" | "currency"> &
  Pick<PaymentRow, "status" | "reason" | "check_at"> &
  Partial<Pick<PaymentRow, "at_once" | "charge_id">>;

/** Opens the only payment that an order can have; `made` is false when it already exists. @throws DECLINED for a token that pays once, and has */
export async function open(db: Db, fields: New): Promise<{ readonly row: PaymentRow; readonly made: boolean }> {
  const at = timestamp();
  const row: PaymentRow = {
    at_once: 0,
    lost: 0,
    charge_id: null,
    ...fields,
    id: newId(),
    captured: 0,
    claimed: 0,
    refunded: 0,
    multicapture: 0,
    action_url: null,
    difference: null,
    awaited: 0,
    created_at: at,
    updated_at: at,
  };
  if (await db.run(insert, row)) return { row, made: true };
  const known = await ofOrder(db, fields.order_id);
  if (!known) throw payment.error("DECLINED", { reason: "token_used" });
  return { row: known, made: false };
}

/** The row of an order that was reversed before it had a payment. It makes a late payment fail. */
export const tombstone = (order_id: string, provider: string, reason: string): New => ({
  order_id,
  purpose: "order",
  provider,
  reason,
  user_id: null,
  token: null,
  amount: 0,
  currency: "KRW",
  status: "cancelled",
  check_at: null,
});

export const ofOrder = (db: Db, order_id: string): Promise<PaymentRow | undefined> => db.one(findByOrder, { order_id });

export const find = (db: Db, id: string, owner: Owner): Promise<PaymentRow | undefined> =>
  owner === null ? db.one(findById, { id }) : db.one(findOwn, { id, owner });

/**
 * The payment in the state that a request may be answered with. That somebody waits for the decision is stored before an
 * undecided payment is answered, and a decision changes nothing in a row that it has not seen so. So no decision is missed.
 */
export async function awaited(db: Db, row: PaymentRow): Promise<PaymentRow> {
  if (!isUndecided(row.status) || row.awaited === 1) return row;
  if ((await db.run(setAwaited, row)) > 0) return { ...row, awaited: 1 };
  return awaited(db, (await ofOrder(db, row.order_id))!);
}

/**
 * Moves a payment to another state. An unchanged time of the next check is not written, because another request may
 * have set it since `from` was read.
 * @param overtaken makes the error for a payment that is no longer in the state of `from`, or that is awaited since
 */
export function move(from: PaymentRow, to: PaymentRow, overtaken: () => Error): Write {
  const statement = from.check_at === to.check_at ? moveOn : moveAndSetCheck;
  const { status, captured: had, claimed: wanted } = from;
  return required(statement.with({ ...to, from: status, had, wanted }), overtaken);
}

/**
 * Stores what the provider had captured for a payment that was given up. When that is nothing, the payment is not
 * checked again; otherwise `checkAt` ends the checks once everything is refunded.
 * @param next when to check again unless a time is set, in milliseconds since the epoch
 */
export const setCaptured = (db: Db, id: string, charge_id: string, captured: number, next: number): Promise<number> =>
  captured === 0
    ? db.run(endUntaken, { id, charge_id, captured })
    : db.run(setTaken, { id, charge_id, captured, check_at: next });

/** @param check_at milliseconds since the epoch; null for no further check */
export const checkAt = (db: Db, id: string, check_at: number | null): Promise<number> =>
  db.run(setCheck, { id, check_at });

/** Makes an order's payment due now; answers false for an unknown order, or one that was given up before it began. */
export const checkNow = async (tx: Tx, order_id: string): Promise<boolean> =>
  (await tx.run(setCheckOfOrder, { order_id, check_at: now() })) > 0;

/** Stores the provider's contradiction to our books; answers false when it is known already. */
export const setDifference = async (tx: Tx, id: string, difference: Difference, check_at: number): Promise<boolean> =>
  (await tx.run(differ, { id, difference: JSON.stringify(difference), check_at })) > 0;

/** Removes the difference, because the provider agrees with our books again. */
export const clearDifference = (db: Db, id: string): Promise<number> => db.run(agree, { id });

/** Claims due payments. Each becomes due again at its next check, even if this node dies. */
export async function claim(db: Db, limit: number): Promise<PaymentRow[]> {
  const rows = await db.all(due.list, { now: now(), limit });
  const taken = rows.map(async (row) => {
    const check_at = nextCheck(row.updated_at, config.PAYMENT_RECONCILE_AFTER);
    const changed = await db.run(moveCheck, { id: row.id, seen: row.check_at!, check_at });
    return changed > 0 ? [{ ...row, check_at }] : [];
  });
  return (await Promise.all(taken)).flat();
}

/** One person's payments, newest first. */
export const list = (db: Db, owner: string, paging: Paging): Promise<PageOf<Payment>> =>
  pageById(db.query.selectFrom("payments").selectAll().where("user_id", "=", owner), paging, toPayment);

/** The payment of an order that has another owner now. */
export const give = (order_id: string, from: string, to: string): Write => setOwner.with({ order_id, from, to });
