/** All SQL of captures at shipment. A transaction that changes what is captured of an order holds that order. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import type { Taken } from "./capture.model.ts";
import type { CaptureRow } from "./fulfilment.tables.ts";
import type { OrderRow } from "./order.projection.ts";
import type { Db, OrderTables, Tx } from "./order.tables.ts";

const sql = statements<OrderTables>();

const insertRow = sql((q, p: CaptureRow) =>
  q.insertInto("order_captures").values({
    ...columns(p, "id", "order_id", "shipment_id", "target", "amount", "is_final"),
    ...columns(p, "state", "reason", "created_at", "ended_at"),
  }),
);
const findRow = sql((q, p: { id: string }) => q.selectFrom("order_captures").selectAll().where("id", "=", p.id));
const findPending = sql((q, p: { shipment_id: string }) =>
  q.selectFrom("order_captures").selectAll().where("shipment_id", "=", p.shipment_id).where("state", "=", "pending"),
);
const sumCaptures = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("order_captures")
    .select((e) => [e.fn.sum("amount").as("captured"), e.fn.max("is_final").as("isFinal")])
    .where("order_id", "=", p.order_id)
    .where("state", "=", "done"),
);
const sumRefunds = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("order_refunds")
    .select((e) => [e.fn.sum("amount").as("amount"), e.fn.sum("uncaptured").as("uncaptured")])
    .where("order_id", "=", p.order_id),
);
const takeOff = sql((q, p: { id: string; amount: number }) =>
  q
    .updateTable("orders")
    .set((e) => ({ uncaptured: e("uncaptured", "-", p.amount) }))
    .where("id", "=", p.id)
    .where("uncaptured", ">=", p.amount),
);
const widenRow = sql((q, p: { id: string; amount: number }) =>
  q
    .updateTable("order_captures")
    .set((e) => ({ amount: e("amount", "+", p.amount), is_final: 1 }))
    .where("id", "=", p.id),
);
const sumOthers = sql((q, p: Pick<CaptureRow, "id" | "order_id">) =>
  q
    .selectFrom("order_captures")
    .select((e) => e.fn.sum("amount").as("amount"))
    .where("order_id", "=", p.order_id)
    .where("state", "=", "pending")
    .where("id", "<>", p.id),
);
const emptyOthers = sql((q, p: Pick<CaptureRow, "id" | "order_id">) =>
  q
    .updateTable("order_captures")
    .set({ amount: 0 })
    .where("order_id", "=", p.order_id)
    .where("state", "=", "pending")
    .where("id", "<>", p.id),
);
const findFinal = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("order_captures")
    .select("id")
    .where("order_id", "=", p.order_id)
    .where("state", "=", "pending")
    .where("is_final", "=", 1),
);
const retarget = sql((q, p: Pick<CaptureRow, "id" | "target">) =>
  q.updateTable("order_captures").set({ target: p.target }).where("id", "=", p.id),
);
const endRow = sql((q, p: Pick<CaptureRow, "id" | "state" | "reason" | "ended_at">) =>
  q
    .updateTable("order_captures")
    .set(columns(p, "state", "reason", "ended_at"))
    .where("id", "=", p.id)
    .where("state", "=", "pending"),
);

type New = Pick<CaptureRow, "order_id" | "shipment_id" | "target" | "amount" | "is_final">;

/** A capture that is claimed of what is uncaptured; the writes fail when less than that is left. */
export function claim(fields: New): { readonly id: string; readonly writes: readonly Write[] } {
  const id = newId();
  const row = { ...fields, id, state: "pending", reason: null, created_at: timestamp(), ended_at: null } as const;
  return { id, writes: [reduce(fields.order_id, fields.amount), insertRow.with(row)] };
}

/** What was captured for films, with the order and before its goods are. */
export function capturedFirst(id: string, orderId: string, amount: number, isFinal: boolean): readonly Write[] {
  const at = timestamp();
  const none = { shipment_id: null, target: null, reason: null } as const;
  const row = { ...none, id, order_id: orderId, amount, is_final: isFinal ? 1 : 0, state: "done" } as const;
  return [reduce(orderId, amount), insertRow.with({ ...row, created_at: at, ended_at: at })];
}

/** Nothing of this amount is captured any more. @param amount minor units, with a minus for what is not captured after all */
export const reduce = (orderId: string, amount: number): Write =>
  required(
    takeOff.with({ id: orderId, amount }),
    () => new Error(`The order ${orderId} has less than ${amount} left.`),
  );

/** Makes an open capture the last one, which takes what is uncaptured, and what other open ones were to take. */
export async function widen(tx: Tx, { id, order_id }: CaptureRow, uncaptured: number): Promise<readonly Write[]> {
  const others = Number((await tx.one(sumOthers, { id, order_id }))?.amount ?? 0);
  return [
    reduce(order_id, uncaptured),
    emptyOthers.with({ id, order_id }),
    widenRow.with({ id, amount: uncaptured + others }),
  ];
}

export const follow = (id: string, target: CaptureRow["target"]): Write => retarget.with({ id, target });
export const end = (id: string, state: "done" | "failed", reason: string | null = null): Write =>
  endRow.with({ id, state, reason, ended_at: timestamp() });

export const find = (db: Db, id: string): Promise<CaptureRow | undefined> => db.one(findRow, { id });
export const pendingOf = (db: Db, shipment_id: string): Promise<CaptureRow | undefined> =>
  db.one(findPending, { shipment_id });

/** True while the last capture of an order is open. */
export const isFinalPending = async (db: Db, order_id: string): Promise<boolean> =>
  (await db.one(findFinal, { order_id })) !== undefined;

/** Null for an order whose money is captured when it is placed. */
export async function takenOf(tx: Tx, { id, uncaptured }: OrderRow): Promise<Taken | null> {
  if (uncaptured === null) return null;
  const captures = await tx.one(sumCaptures, { order_id: id });
  const refunds = await tx.one(sumRefunds, { order_id: id });
  const paidBack = Number(refunds?.amount ?? 0) - Number(refunds?.uncaptured ?? 0);
  return {
    uncaptured,
    kept: Number(captures?.captured ?? 0) - paidBack,
    isFinal: captures?.isFinal === 1,
  };
}
