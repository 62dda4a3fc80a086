/** All SQL of what is given back of orders in part. Each is a row from the moment at which the units are given up. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { RefundRow } from "./fulfilment.tables.ts";
import type { Db, OrderTables } from "./order.tables.ts";
import type { RefundReason } from "./refund.model.ts";

export interface GivenUp {
  readonly productId: string;
  readonly quantity: number;
  /** True for units that are not sold again. */
  readonly isScrap: boolean;
  /** Of a film: how it was sold. */
  readonly title?: "buy" | "rent";
}

const sql = statements<OrderTables>();
const insertRow = sql((q, p: RefundRow) =>
  q.insertInto("order_refunds").values({
    ...columns(p, "id", "order_id", "reason", "items"),
    ...columns(p, "amount", "uncaptured", "points", "state", "created_at", "ended_at"),
  }),
);
const findRow = sql((q, p: { id: string }) => q.selectFrom("order_refunds").selectAll().where("id", "=", p.id));
const endRow = sql((q, p: Pick<RefundRow, "id" | "state" | "ended_at">) =>
  q
    .updateTable("order_refunds")
    .set(columns(p, "state", "ended_at"))
    .where("id", "=", p.id)
    .where("state", "=", "pending"),
);

/** What is owed: minor units of the order's currency, the part of them that was never captured, and points. */
type Owed = Pick<RefundRow, "amount" | "uncaptured" | "points">;

export function insert(
  orderId: string,
  reason: RefundReason,
  items: readonly GivenUp[],
  owed: Owed,
): { readonly id: string; readonly write: Write } {
  const id = newId();
  const write = insertRow.with({
    id,
    order_id: orderId,
    reason,
    items: JSON.stringify(items),
    ...owed,
    state: "pending",
    created_at: timestamp(),
    ended_at: null,
  });
  return { id, write };
}

export const find = (db: Db, id: string): Promise<RefundRow | undefined> => db.one(findRow, { id });

export const itemsOf = ({ items }: RefundRow): GivenUp[] => JSON.parse(items) as GivenUp[];

export const end = (id: string, state: "done" | "failed"): Write => endRow.with({ id, state, ended_at: timestamp() });
