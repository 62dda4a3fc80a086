/** The SQL of existing orders. The WHERE includes the owner, so another person's order is not found. */
import { sql as raw } from "kysely";
import { timestamp } from "#core/clock.ts";
import { firstIdAt, newId } from "#core/id.ts";
import { decodeCursor, page as toPage, type PageOf, type Paging, positions } from "#core/cursor.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Order, Status, TimelineEntry } from "./answer.contract.ts";
import { spelled } from "./number.model.ts";
import { type Answer, answerIn, type LineRow, type OrderRow, toOrder } from "./order.projection.ts";
import type { Db, OrderTables, Owner } from "./order.tables.ts";
import * as shipments from "./shipment.repository.ts";

export type { Db, OrderTables, Owner, Tx } from "./order.tables.ts";

const sql = statements<OrderTables>();

export const findRow = sql((q, p: { id: string }) => q.selectFrom("orders").selectAll().where("id", "=", p.id));
const findOwnOrder = sql((q, p: { id: string; owner: string }) =>
  q.selectFrom("orders").selectAll().where("id", "=", p.id).where("user_id", "=", p.owner),
);
const listItems = sql((q, p: { order_id: string }) =>
  q.selectFrom("order_items").selectAll().where("order_id", "=", p.order_id).orderBy("position"),
);
const setPaymentId = sql((q, p: { id: string; payment_id: string }) =>
  q.updateTable("orders").set({ payment_id: p.payment_id }).where("id", "=", p.id),
);
const insertNote = sql((q, p: OrderTables["order_notes"]) =>
  q.insertInto("order_notes").values(columns(p, "id", "order_id", "at", "step", "state", "detail")),
);
const listNotes = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("order_notes")
    .select(["at", "step", "state", "detail"])
    .where("order_id", "=", p.order_id)
    .orderBy("id"),
);
/** The allowed former states are part of the statement, so that a forbidden move changes nothing. */
export const moveBetween = (from: readonly Status[], to: Status) =>
  sql((q, p: Pick<OrderRow, "id" | "payment_id" | "reason" | "answer"> & { at: string }) =>
    q
      .updateTable("orders")
      .set((e) => ({
        status: to,
        status_at: p.at,
        reason: p.reason,
        payment_id: p.payment_id,
        closing: 0,
        answer: e.fn.coalesce(e.ref("answer"), e.val(p.answer)),
        version: e("version", "+", 1),
      }))
      .where("id", "=", p.id)
      .where("status", "in", from),
  );
export type MoveStatement = ReturnType<typeof moveBetween>;

export const setPayment = (id: string, paymentId: string): Write => setPaymentId.with({ id, payment_id: paymentId });

/** An order, and the answer to the request that placed it. */
export async function findPlaced(
  db: Db,
  id: string,
): Promise<{ order: Order; answer: Answer | undefined } | undefined> {
  const row = await db.one(findRow, { id });
  if (!row) return undefined;
  const order = await whole(db, row);
  return { order, answer: answerIn(row, order) };
}

export async function find(db: Db, id: string, owner: Owner): Promise<Order | undefined> {
  const row = await (owner === null ? db.one(findRow, { id }) : db.one(findOwnOrder, { id, owner }));
  return row && whole(db, row);
}

/** With its lines, and with its shipments if it has some. */
async function whole(db: Db, row: OrderRow): Promise<Order> {
  const items = await db.all(listItems, { order_id: row.id });
  return toOrder(row, items, isPacked(items) ? await shipments.list(db, row.id) : []);
}

const isPacked = (items: readonly LineRow[]): boolean => items.some(({ packed }) => packed > 0);

interface Search extends Paging {
  readonly owner: Owner;
  readonly status?: Status | undefined;
  readonly number?: string | undefined;
  /** RFC 3339 in UTC: orders that were placed at this time or later, and before that one. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** A product that the order has. */
  readonly product?: string | undefined;
}

/** Milliseconds by which an id may tell another time than its order, so that a range of times is one of ids too. */
const LEEWAY = 60_000;
const idAround = (time: string, leeway: number) => firstIdAt(Math.max(0, Date.parse(time) + leeway));

/** Literals in the SQL, so that the planner can use a partial index. The values come from the contract. */
const literal = (status: Status) => raw.lit(status);

/** Newest first. */
export async function page(db: Db, search: Search): Promise<PageOf<Order>> {
  const { owner, status, number, from, to, product, cursor, limit = 20 } = search;
  const after = decodeCursor(cursor, positions.id);
  let query = db.query
    .selectFrom("orders")
    .selectAll()
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (owner !== null) query = query.where("user_id", "=", owner);
  // One person's orders are few. Without statistics, SQLite would rather go through everybody's of this status.
  const column = owner === null ? "status" : raw<Status>`status || ''`;
  if (status !== undefined) query = query.where(column, "=", literal(status));
  if (number !== undefined) query = query.where("number", "=", spelled(number));
  if (from !== undefined) query = query.where("id", ">=", idAround(from, -LEEWAY)).where("created_at", ">=", from);
  if (to !== undefined) query = query.where("id", "<", idAround(to, LEEWAY)).where("created_at", "<", to);
  if (product !== undefined)
    query = query.where((e) =>
      e.exists(
        e
          .selectFrom("order_items")
          .select("position")
          .whereRef("order_id", "=", "orders.id")
          .where("product_id", "=", product)
          // With an offset, PostgreSQL looks into one order after another. It would read all lines there are for one of a rare product.
          .limit(1)
          .offset(0),
      ),
    );
  if (after) query = query.where("id", "<", after[0]);
  const rows = await query.execute();
  const ids = rows.map(({ id }) => id);
  const items =
    ids.length === 0
      ? []
      : await db.query.selectFrom("order_items").selectAll().where("order_id", "in", ids).orderBy("position").execute();
  const itemsOf = Map.groupBy(items, ({ order_id }) => order_id);
  const sent = await shipments.listOf(
    db,
    [...itemsOf].flatMap(([id, lines]) => (isPacked(lines) ? [id] : [])),
  );
  return toPage(
    rows,
    limit,
    (row) => toOrder(row, itemsOf.get(row.id) ?? [], sent.get(row.id)),
    ({ id }) => [id],
  );
}

interface Note {
  readonly orderId: string;
  readonly step: string;
  readonly state: string;
  readonly detail?: string;
}

/** Events beside the saga: refunds, and actions of staff. */
export const note = ({ orderId, step, state, detail = "" }: Note): Write =>
  insertNote.with({ id: newId(), order_id: orderId, at: timestamp(), step, state, detail: detail || null });

/** When the order reached its present state, and its notes. */
export async function story(db: Db, orderId: string): Promise<{ statusAt: string; notes: TimelineEntry[] }> {
  const { status_at } = (await db.one(findRow, { id: orderId }))!;
  const rows = await db.all(listNotes, { order_id: orderId });
  const notes = rows.map(({ detail, ...entry }) => (detail === null ? entry : { ...entry, detail }));
  return { statusAt: status_at, notes };
}
