/** All SQL of quotes: prices of a basket that are kept until the quote ends. */
import { now, timestamp } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import type { Output } from "#core/contract.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { OrderItem } from "./answer.contract.ts";
import { totalOf } from "./order.model.ts";
import type { Db, OrderTables, Tx } from "./order.repository.ts";

type Row = OrderTables["quotes"];
const sql = statements<OrderTables>();

const insertRow = sql((q, p: Row) => q.insertInto("quotes").values(columns(p, "id", "user_id", "items", "expires_at")));
const findOwn = sql((q, p: { id: string; user_id: string }) =>
  q.selectFrom("quotes").selectAll().where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const removeEnded = sql((q, p: { before: number }) => q.deleteFrom("quotes").where("expires_at", "<", p.before));
/** The most quotes of one person. */
const MOST = 20;
const removeOldest = sql((q, p: { user_id: string }) =>
  q
    .deleteFrom("quotes")
    .where("user_id", "=", p.user_id)
    .where("id", "not in", (kept) =>
      kept.selectFrom("quotes").select("id").where("user_id", "=", p.user_id).orderBy("id", "desc").limit(MOST),
    ),
);

interface Quote {
  readonly id: string;
  readonly items: readonly OrderItem[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const itemsOf = ({ items }: Row): OrderItem[] => JSON.parse(items) as OrderItem[];

/** Inserts a quote, and removes expired quotes and the person's oldest ones beyond the limit. */
export function insert(tx: Tx, userId: string, { id, items, expiresAt }: Quote): void {
  tx.lock(`quotes:${userId}`);
  tx.add(
    removeEnded.with({ before: now() }),
    insertRow.with({ id, user_id: userId, items: JSON.stringify(items), expires_at: expiresAt }),
    removeOldest.with({ user_id: userId }),
  );
}

export async function find(db: Db, id: string, userId: string): Promise<Quote | undefined> {
  const row = await db.one(findOwn, { id, user_id: userId });
  return row && { id, items: itemsOf(row), expiresAt: row.expires_at };
}

function toQuote(row: Row): Output<"order.quote"> {
  const items = itemsOf(row);
  return { id: row.id, items, total: totalOf(items), expiresAt: timestamp(row.expires_at) };
}

/** One person's quotes, newest first. */
export const list = (db: Db, owner: string, paging: Paging): Promise<PageOf<Output<"order.quote">>> =>
  pageById(db.query.selectFrom("quotes").selectAll().where("user_id", "=", owner), paging, toQuote);
