/** All SQL of returns. The order to which one belongs is locked before it is changed. */
import { timestamp } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { newId } from "#core/id.ts";
import type { Money } from "#core/schema.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Units } from "./fulfilment.model.ts";
import type { ReturnItemRow, ReturnRow } from "./fulfilment.tables.ts";
import type { Db, OrderTables, Owner, Tx } from "./order.tables.ts";
import type { Cause, Return, ReturnState } from "./return.contract.ts";

const sql = statements<OrderTables>();

const insertRow = sql((q, p: ReturnRow) =>
  q.insertInto("returns").values({
    ...columns(p, "id", "order_id", "user_id", "state", "note"),
    ...columns(p, "answer", "refund_id", "created_at", "version"),
  }),
);
const insertItem = sql((q, p: ReturnItemRow) =>
  q.insertInto("return_items").values(columns(p, "return_id", "product_id", "quantity", "cause", "outcome")),
);
const findRow = sql((q, p: { id: string }) => q.selectFrom("returns").selectAll().where("id", "=", p.id));
const findOwnRow = sql((q, p: { id: string; owner: string }) =>
  q.selectFrom("returns").selectAll().where("id", "=", p.id).where("user_id", "=", p.owner),
);
const listItems = sql((q, p: { return_id: string }) =>
  q.selectFrom("return_items").selectAll().where("return_id", "=", p.return_id).orderBy("product_id"),
);
const countOf = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("returns")
    .select((e) => e.fn.countAll<number>().as("rows"))
    .where("order_id", "=", p.order_id),
);
const updateRow = sql((q, p: ReturnRow) =>
  q
    .updateTable("returns")
    .set(columns(p, "state", "answer", "refund_id", "version"))
    .where("id", "=", p.id),
);
const setOutcome = sql((q, p: Pick<ReturnItemRow, "return_id" | "product_id" | "outcome">) =>
  q
    .updateTable("return_items")
    .set({ outcome: p.outcome })
    .where("return_id", "=", p.return_id)
    .where("product_id", "=", p.product_id),
);
const setRefunded = sql((q, p: { refund_id: string }) =>
  q
    .updateTable("returns")
    .set((e) => ({ state: "refunded" as const, version: e("version", "+", 1) }))
    .where("refund_id", "=", p.refund_id)
    .where("state", "=", "received"),
);
const findAmount = sql((q, p: { id: string }) =>
  q
    .selectFrom("order_refunds as r")
    .innerJoin("orders as o", "o.id", "r.order_id")
    .select(["amount", "currency", "r.points"])
    .where("r.id", "=", p.id),
);
/** People may have written anything. */
const eraseTexts = sql((q, p: { order_id: string }) =>
  q.updateTable("returns").set({ note: null, answer: null }).where("order_id", "=", p.order_id),
);

/** What is paid back. */
interface Owed {
  readonly amount: Money;
  readonly points?: number;
}
const toOwed = ({ amount, currency, points }: Money & { readonly points: number }): Owed => ({
  amount: { amount, currency },
  ...(points > 0 && { points }),
});

export function toReturn(row: ReturnRow, items: readonly ReturnItemRow[], owed?: Owed): Return {
  return {
    id: row.id,
    orderId: row.order_id,
    state: row.state,
    items: items.map(({ product_id: productId, quantity, cause, outcome }) => ({
      productId,
      quantity,
      cause,
      ...(outcome !== null && { outcome }),
    })),
    ...(row.note !== null && { note: row.note }),
    ...(row.answer !== null && { answer: row.answer }),
    ...(owed && { amount: owed.amount }),
    ...(owed?.points && { points: owed.points }),
    createdAt: row.created_at,
    version: row.version,
  };
}

type Asked = Units & { readonly cause: Cause };

export function insert(tx: Tx, of: Pick<ReturnRow, "order_id" | "user_id" | "note">, asked: readonly Asked[]): Return {
  const row: ReturnRow = {
    ...of,
    id: newId(),
    state: "requested",
    answer: null,
    refund_id: null,
    created_at: timestamp(),
    version: 1,
  };
  const items = asked.map(({ productId, quantity, cause }) => ({
    return_id: row.id,
    product_id: productId,
    quantity,
    cause,
    outcome: null,
  }));
  tx.add(insertRow.with(row), ...items.map((item) => insertItem.with(item)));
  return toReturn(row, items);
}

export const find = (db: Db, id: string, owner: Owner): Promise<ReturnRow | undefined> =>
  owner === null ? db.one(findRow, { id }) : db.one(findOwnRow, { id, owner });

export const items = (db: Db, id: string): Promise<ReturnItemRow[]> => db.all(listItems, { return_id: id });

export const count = async (db: Db, orderId: string): Promise<number> =>
  (await db.one(countOf, { order_id: orderId }))!.rows;

export const update = (row: ReturnRow): Write => updateRow.with(row);
export const decide = (row: Pick<ReturnItemRow, "return_id" | "product_id" | "outcome">): Write => setOutcome.with(row);

/** What began to be paid back is paid. */
export const refunded = (refundId: string): Write => setRefunded.with({ refund_id: refundId });

export async function whole(db: Db, row: ReturnRow): Promise<Return> {
  const amount = row.refund_id === null ? undefined : await db.one(findAmount, { id: row.refund_id });
  return toReturn(row, await items(db, row.id), amount && toOwed(amount));
}

interface Search extends Paging {
  readonly owner: Owner;
  readonly state?: ReturnState | undefined;
  readonly order?: string | undefined;
}

/** Newest first. */
export async function page(db: Db, { owner, state, order, ...paging }: Search): Promise<PageOf<Return>> {
  let query = db.query.selectFrom("returns").selectAll();
  if (owner !== null) query = query.where("user_id", "=", owner);
  if (state !== undefined) query = query.where("state", "=", state);
  if (order !== undefined) query = query.where("order_id", "=", order);
  const { items: rows, nextCursor } = await pageById(query, paging, (row) => row);
  if (rows.length === 0) return { items: [], nextCursor };
  const ids = rows.map(({ id }) => id);
  const all = await db.query
    .selectFrom("return_items")
    .selectAll()
    .where("return_id", "in", ids)
    .orderBy("product_id")
    .execute();
  const amounts = await db.query
    .selectFrom("order_refunds as f")
    .innerJoin("orders as o", "o.id", "f.order_id")
    .innerJoin("returns as r", "r.refund_id", "f.id")
    .select(["r.id", "amount", "currency", "f.points"])
    .where("r.id", "in", ids)
    .execute();
  const itemsOf = Map.groupBy(all, ({ return_id }) => return_id);
  const amountOf = new Map(amounts.map(({ id, ...amount }) => [id, toOwed(amount)]));
  return { items: rows.map((row) => toReturn(row, itemsOf.get(row.id) ?? [], amountOf.get(row.id))), nextCursor };
}

export const erase = (orderId: string): Write => eraseTexts.with({ order_id: orderId });
