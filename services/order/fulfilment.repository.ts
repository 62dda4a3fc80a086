/** The SQL of an order's units. Whoever changes some locks the order, so that two never change them at once. */
import { timestamp } from "#core/clock.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Taken } from "./capture.model.ts";
import { takenOf } from "./capture.repository.ts";
import type { OrderRow } from "./order.projection.ts";
import { order as contract } from "./order.contract.ts";
import { type Counts, type Line, statusesOfSold, statusOf } from "./fulfilment.model.ts";
import { found } from "./order.policy.ts";
import type { OrderTables, Tx } from "./order.repository.ts";

const sql = statements<OrderTables>();

/** The condition is part of the statement: a cancellation that begins meanwhile makes it change nothing. */
const lock = sql((q, p: { id: string }) =>
  q
    .updateTable("orders")
    .set((e) => ({ version: e("version", "+", 1) }))
    .where("id", "=", p.id)
    .where("status", "in", statusesOfSold)
    .where("closing", "=", 0)
    .returningAll(),
);
const findStatus = sql((q, p: { id: string }) => q.selectFrom("orders").select("status").where("id", "=", p.id));
const listLines = sql((q, p: { order_id: string }) =>
  q.selectFrom("order_items").selectAll().where("order_id", "=", p.order_id).orderBy("position"),
);
const setCounts = sql((q, p: Counts & { order_id: string; position: number }) =>
  q
    .updateTable("order_items")
    .set(columns(p, "packed", "shipped", "delivered", "lost", "cancelled", "claimed", "returned"))
    .where("order_id", "=", p.order_id)
    .where("position", "=", p.position),
);
const setStatus = sql((q, p: Pick<OrderRow, "id" | "status" | "status_at">) =>
  q
    .updateTable("orders")
    .set(columns(p, "status", "status_at"))
    .where("id", "=", p.id),
);

/** An order that this transaction alone may change. */
export interface Held {
  readonly order: OrderRow;
  readonly lines: readonly (Line & OrderTables["order_items"])[];
  /** Null for an order whose money is captured when it is placed. */
  readonly taken: Taken | null;
}

/** @throws NOT_FOUND, NOT_SHIPPABLE with the status of an order that is not sold, or is being cancelled */
export async function hold(tx: Tx, id: string): Promise<Held> {
  const order = await tx.one(lock, { id });
  if (!order) throw contract.error("NOT_SHIPPABLE", found(await tx.one(findStatus, { id })));
  return { order, lines: await tx.all(listLines, { order_id: id }), taken: await takenOf(tx, order) };
}

/** Stores what has become of the units, and the order's status that follows from it. */
export function save({ order: { id, status }, lines: before }: Held, lines: readonly Line[]): Write[] {
  const changed = lines.filter((line, index) => line !== before[index]);
  const next = statusOf(lines);
  return [
    ...changed.map((line) => setCounts.with({ ...line, order_id: id })),
    ...(next === status ? [] : [setStatus.with({ id, status: next, status_at: timestamp() })]),
  ];
}

const deliver = sql((q, p: { order_id: string }) =>
  q
    .updateTable("order_items")
    .set((e) => ({ packed: e.ref("quantity"), shipped: e.ref("quantity"), delivered: e.ref("quantity") }))
    .where("order_id", "=", p.order_id)
    .where("title", "is not", null),
);
const endDelivered = sql((q, p: { id: string }) =>
  q
    .updateTable("orders")
    .set((e) => ({ status: "delivered", version: e("version", "+", 1) }))
    .where("id", "=", p.id),
);

/** Films have arrived when they are granted. @param isAll true for an order of films alone */
export const delivered = (id: string, isAll: boolean): Write[] => [
  deliver.with({ order_id: id }),
  ...(isAll ? [endDelivered.with({ id })] : []),
];

/** From now on nothing of the order is packed or sent. It changes nothing when its status is none of these. */
export const closing = (from: readonly OrderRow["status"][]) =>
  sql((q, p: { id: string }) =>
    q.updateTable("orders").set({ closing: 1 }).where("id", "=", p.id).where("status", "in", from),
  );
