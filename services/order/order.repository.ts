/** All SQL of orders. Ownership stands in the WHERE: a stranger's order is simply not there. */
import { sql as raw } from "kysely";
import { newId, timestamp } from "#core/clock.ts";
import { decodeCursor, page as toPage, type PageOf, positions } from "#core/cursor.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { integerField, rowsIn, rowsText, textField } from "#mixins/database/rows.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import type { ErasureTable } from "#mixins/erasure/erasure.mixin.ts";
import type { IdempotencyTable } from "#mixins/idempotency/idempotency.mixin.ts";
import type { InboxTable } from "#mixins/inbox/inbox.mixin.ts";
import type { OutboxTable } from "#mixins/outbox/outbox.mixin.ts";
import type { SagaTables } from "#mixins/saga/saga.mixin.ts";
import type { Order, Status, TimelineEntry } from "./order.contract.ts";
import { sourcesOf } from "./order.model.ts";
import { type ItemRow, type OrderRow, toOrder } from "./order.projection.ts";

interface Tables {
  orders: OrderRow;
  order_items: ItemRow;
  order_notes: { id: string; order_id: string; at: string; step: string; state: string; detail: string | null };
  quotes: { id: string; user_id: string; items: string; expires_at: number };
}
export type OrderTables = Tables & ErasureTable & OutboxTable & InboxTable & IdempotencyTable & SagaTables;

/** Whose orders may be seen: one person's, or with null everybody's. */
export type Owner = string | null;

export type Db = Executor<OrderTables>;
export type Tx = Transaction<OrderTables>;
const sql = statements<OrderTables>();

const insertOrder = sql((q, p: Omit<OrderRow, "payment_id" | "reason" | "version" | "status" | "erased">) =>
  q.insertInto("orders").values({
    ...columns(p, "id", "user_id", "total", "currency", "shipping_address", "created_at", "status_at"),
    status: "pending",
    version: 1,
  } as OrderRow),
);
const insertItems = sql((q, p: { order_id: string; items: string }) =>
  q
    .insertInto("order_items")
    .columns(["order_id", "position", "product_id", "name", "quantity", "unit_price", "line_total", "tax"])
    .expression(
      q
        .selectFrom(rowsIn(p.items))
        .select((e) => [
          e.val(p.order_id).as("order_id"),
          e.cast<number>("given.key", "integer").as("position"),
          textField("product_id").as("product_id"),
          textField("name").as("name"),
          integerField("quantity").as("quantity"),
          integerField("unit_price").as("unit_price"),
          integerField("line_total").as("line_total"),
          integerField("tax").as("tax"),
        ]),
    ),
);
const findOrder = sql((q, p: { id: string }) => q.selectFrom("orders").selectAll().where("id", "=", p.id));
const findOwnOrder = sql((q, p: { id: string; owner: string }) =>
  q.selectFrom("orders").selectAll().where("id", "=", p.id).where("user_id", "=", p.owner),
);
const listItems = sql((q, p: { order_id: string }) =>
  q.selectFrom("order_items").selectAll().where("order_id", "=", p.order_id).orderBy("position"),
);
const setPaymentId = sql((q, p: { id: string; payment_id: string }) =>
  q.updateTable("orders").set({ payment_id: p.payment_id }).where("id", "=", p.id),
);
const insertNote = sql((q, p: Tables["order_notes"]) =>
  q.insertInto("order_notes").values(columns(p, "id", "order_id", "at", "step", "state", "detail")),
);
const listNotes = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("order_notes")
    .select(["at", "step", "state", "detail"])
    .where("order_id", "=", p.order_id)
    .orderBy("id"),
);
/** One statement for each state: the transition table is part of it, so an illegal move changes nothing. */
const moveTo = (to: Status) =>
  sql((q, p: { id: string; payment_id: string | null; reason: string | null; at: string }) =>
    q
      .updateTable("orders")
      .set((e) => ({
        status: to,
        status_at: p.at,
        reason: p.reason,
        payment_id: e.fn.coalesce(e.val(p.payment_id), e.ref("payment_id")),
        version: e("version", "+", 1),
      }))
      .where("id", "=", p.id)
      .where("status", "in", sourcesOf(to)),
  );
const moves = {
  confirmed: moveTo("confirmed"),
  cancelled: moveTo("cancelled"),
  needs_attention: moveTo("needs_attention"),
};

/** The order as it was placed, and its lines. */
export function insert(userId: string, { id, total, shippingAddress, createdAt, items }: Order): readonly Write[] {
  const row = {
    id,
    user_id: userId,
    total: total.amount,
    currency: total.currency,
    shipping_address: JSON.stringify(shippingAddress),
    created_at: createdAt,
    status_at: createdAt,
  };
  const lines = items.map(
    ({ productId, name, quantity, unitPrice, lineTotal, tax }): Omit<ItemRow, "order_id" | "position"> => ({
      product_id: productId,
      name,
      quantity,
      unit_price: unitPrice.amount,
      line_total: lineTotal.amount,
      tax: tax.amount,
    }),
  );
  return [
    insertOrder.with(row),
    insertItems.with({ order_id: id, items: rowsText(lines.map((line, position) => [position, line])) }),
  ];
}

interface Move {
  readonly id: string;
  readonly to: keyof typeof moves;
  readonly paymentId?: string | null;
  readonly reason?: string | null;
}

/** Refused when the order is in a state from which this one cannot be reached. */
export function move({ id, to, paymentId = null, reason = null }: Move): Write {
  const moving = { id, payment_id: paymentId, reason, at: timestamp() };
  return required(moves[to].with(moving), () => new Error(`The order ${id} cannot become ${to}.`));
}

export const setPayment = (id: string, paymentId: string): Write => setPaymentId.with({ id, payment_id: paymentId });

export const findRow = (db: Db, id: string, owner: Owner): Promise<OrderRow | undefined> =>
  owner === null ? db.one(findOrder, { id }) : db.one(findOwnOrder, { id, owner });

export async function find(db: Db, id: string, owner: Owner): Promise<Order | undefined> {
  const row = await findRow(db, id, owner);
  return row && toOrder(row, await db.all(listItems, { order_id: id }));
}

interface Search {
  readonly owner: Owner;
  readonly status?: Status | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/** Written into the SQL, so that the planner can see that a partial index fits; the values come from the contract. */
const literal = (status: Status) => raw.lit(status);

/** Newest first. */
export async function page(db: Db, { owner, status, cursor, limit = 20 }: Search): Promise<PageOf<Order>> {
  const after = decodeCursor(cursor, positions.id);
  let query = db.query
    .selectFrom("orders")
    .selectAll()
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (owner !== null) query = query.where("user_id", "=", owner);
  if (status !== undefined) query = query.where("status", "=", literal(status));
  if (after) query = query.where("id", "<", after[0]);
  const rows = await query.execute();
  const ids = rows.map(({ id }) => id);
  const items =
    ids.length === 0
      ? []
      : await db.query.selectFrom("order_items").selectAll().where("order_id", "in", ids).orderBy("position").execute();
  const itemsOf = Map.groupBy(items, ({ order_id }) => order_id);
  return toPage(
    rows,
    limit,
    (row) => toOrder(row, itemsOf.get(row.id) ?? []),
    ({ id }) => [id],
  );
}

interface Note {
  readonly orderId: string;
  readonly step: string;
  readonly state: string;
  readonly detail?: string;
}

/** What happened beside the saga: refunds, and what staff did. */
export const note = ({ orderId, step, state, detail = "" }: Note): Write =>
  insertNote.with({ id: newId(), order_id: orderId, at: timestamp(), step, state, detail: detail || null });

/** When the order came to its present state, and its notes. */
export async function story(db: Db, orderId: string): Promise<{ statusAt: string; notes: TimelineEntry[] }> {
  const { status_at } = (await db.one(findOrder, { id: orderId }))!;
  const rows = await db.all(listNotes, { order_id: orderId });
  const notes = rows.map(({ detail, ...entry }) => (detail === null ? entry : { ...entry, detail }));
  return { statusAt: status_at, notes };
}
