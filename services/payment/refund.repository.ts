/** All SQL of refunds. A refund is subtracted from its payment in the transaction that creates it. */
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { dueIn } from "#mixins/queue/due.ts";
import { config } from "./payment.config.ts";
import type { Refund } from "./refund.contract.ts";
import { nextCheck, type RefundStatus } from "./payment.model.ts";
import { type PaymentRow, type RefundRow, toRefund } from "./payment.projection.ts";
import type { Db, PaymentTables, Tx } from "./payment.repository.ts";

const sql = statements<PaymentTables>();
/** Refunds about which the provider must be asked. */
export const due = dueIn<PaymentTables>()("refunds", "check_at");

/** Changes nothing when the refunds would exceed what was captured and is not lost. */
const takeOff = sql((q, p: { id: string; amount: number; at: string }) =>
  q
    .updateTable("payments")
    .set((e) => ({ refunded: e("refunded", "+", p.amount), updated_at: p.at }))
    .where("id", "=", p.id)
    .where((e) => e(e(e("refunded", "+", p.amount), "+", e.ref("lost")), "<=", e.ref("captured"))),
);
const putBack = sql((q, p: { id: string; amount: number; at: string }) =>
  q
    .updateTable("payments")
    .set((e) => ({ refunded: e("refunded", "-", p.amount), updated_at: p.at }))
    .where("id", "=", p.id),
);
const insert = sql((q, p: RefundRow) =>
  q
    .insertInto("refunds")
    .values(columns(p, "id", "payment_id", "amount", "currency", "reason", "status", "check_at", "created_at")),
);
const findRefund = sql((q, p: { id: string }) => q.selectFrom("refunds").selectAll().where("id", "=", p.id));
const listPending = sql((q, p: { payment_id: string }) =>
  q
    .selectFrom("refunds")
    .selectAll()
    .where("payment_id", "=", p.payment_id)
    .where("status", "=", "pending")
    .orderBy("id"),
);
const sumOfOthers = sql((q, p: { id: string; payment_id: string }) =>
  q
    .selectFrom("refunds")
    .select((e) => e.fn.sum("amount").as("amount"))
    .where("payment_id", "=", p.payment_id)
    .where("id", "<>", p.id)
    .where("status", "=", "succeeded"),
);
const moveCheck = sql((q, p: { id: string; seen: number; check_at: number }) =>
  q.updateTable("refunds").set({ check_at: p.check_at }).where("id", "=", p.id).where("check_at", "=", p.seen),
);
const endStatement = sql((q, p: { id: string; status: RefundStatus }) =>
  q
    .updateTable("refunds")
    .set({ status: p.status, check_at: null })
    .where("id", "=", p.id)
    .where("status", "=", "pending"),
);

interface New {
  readonly amount: number;
  readonly reason: string;
  /** When to ask the provider again unless its answer is known by then, in milliseconds since the epoch. */
  readonly check_at: number;
}

/** Subtracts the amount from the payment; answers undefined when less than that is left. */
export async function open(
  tx: Tx,
  payment: PaymentRow,
  fields: New,
  id: string = newId(),
): Promise<RefundRow | undefined> {
  const at = timestamp();
  if ((await tx.run(takeOff, { id: payment.id, amount: fields.amount, at })) === 0) return undefined;
  const { id: payment_id, currency } = payment;
  const row: RefundRow = { ...fields, id, payment_id, currency, status: "pending", created_at: at };
  tx.add(insert.with(row));
  return row;
}

/** Ends a pending refund; answers false when it had ended before. A failed refund is added to the payment again. */
export async function end(
  tx: Tx,
  { id, payment_id, amount }: RefundRow,
  status: "succeeded" | "failed",
): Promise<boolean> {
  if ((await tx.run(endStatement, { id, status })) === 0) return false;
  if (status === "failed") tx.add(putBack.with({ id: payment_id, amount, at: timestamp() }));
  return true;
}

export const find = (db: Db, id: string): Promise<RefundRow | undefined> => db.one(findRefund, { id });

/** Refunds of a payment whose outcome is unknown. */
export const pendingOf = (db: Db, payment_id: string): Promise<RefundRow[]> => db.all(listPending, { payment_id });

/** The sum of the other refunds of the payment that have certainly succeeded, in minor units. */
export const sumBeside = async (db: Db, refund: RefundRow): Promise<number> =>
  Number((await db.one(sumOfOthers, refund))?.amount ?? 0);

/** Claims due refunds. Each becomes due again at its next check, even if this node dies. */
export async function claim(db: Db, limit: number): Promise<RefundRow[]> {
  const rows = await db.all(due.list, { now: now(), limit });
  const taken = rows.map(async (row) => {
    const check_at = nextCheck(row.created_at, config.PAYMENT_RECONCILE_AFTER);
    return (await db.run(moveCheck, { id: row.id, seen: row.check_at!, check_at })) > 0 ? [row] : [];
  });
  return (await Promise.all(taken)).flat();
}

const all = (db: Db) => db.query.selectFrom("refunds").selectAll();

/** The refunds of one payment, newest first. */
export const list = (db: Db, paymentId: string, paging: Paging): Promise<PageOf<Refund>> =>
  pageById(all(db).where("payment_id", "=", paymentId), paging, toRefund);

/** The refunds of one person's payments, newest first. */
export const listOf = (db: Db, userId: string, paging: Paging): Promise<PageOf<Refund>> =>
  pageById(
    all(db).where("payment_id", "in", (e) => e.selectFrom("payments").select("id").where("user_id", "=", userId)),
    paging,
    toRefund,
  );
