/** All SQL of quotes: prices of a basket that are kept until the quote ends. */
import { now, timestamp } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import type { Output } from "#core/contract.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Charges, OrderItem } from "./answer.contract.ts";
import type { Priced } from "./order.model.ts";
import { chargesOf } from "./tax.model.ts";
import type { Db, OrderTables, Tx } from "./order.repository.ts";

type Row = OrderTables["quotes"];
const sql = statements<OrderTables>();

const insertRow = sql((q, p: Row) =>
  q.insertInto("quotes").values(columns(p, "id", "user_id", "items", "country", "charges", "benefits", "expires_at")),
);
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

interface Quote extends Priced {
  readonly id: string;
  readonly country: string | undefined;
  /** Of coupons, as the customer wrote them. */
  readonly codes: readonly string[];
  /** The most that the customer wanted to pay with. */
  readonly points?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

function quoteIn({ id, items: lines, country, charges, benefits, expires_at: expiresAt }: Row): Quote {
  const items = JSON.parse(lines) as OrderItem[];
  // A quote of the release before has no fee.
  const known = charges === null ? chargesOf(items, 0) : (JSON.parse(charges) as Charges);
  const { codes, points } = JSON.parse(benefits ?? '{"codes":[]}') as Pick<Quote, "codes" | "points">;
  return { id, items, country: country ?? undefined, codes, points, charges: known, expiresAt };
}

export const toQuote = ({ id, items, charges, expiresAt }: Quote): Output<"order.quote"> => ({
  id,
  items,
  ...charges,
  expiresAt: timestamp(expiresAt),
});

/** Inserts a quote, and removes expired quotes and the person's oldest ones beyond the limit. */
export function insert(tx: Tx, userId: string, quote: Quote): void {
  const { id, items, country, codes, points, charges, expiresAt } = quote;
  tx.lock(`quotes:${userId}`);
  tx.add(
    removeEnded.with({ before: now() }),
    insertRow.with({
      id,
      user_id: userId,
      items: JSON.stringify(items),
      country: country ?? null,
      charges: JSON.stringify(charges),
      benefits: codes.length > 0 || points !== undefined ? JSON.stringify({ codes, points }) : null,
      expires_at: expiresAt,
    }),
    removeOldest.with({ user_id: userId }),
  );
}

export async function find(db: Db, id: string, userId: string): Promise<Quote | undefined> {
  const row = await db.one(findOwn, { id, user_id: userId });
  return row && quoteIn(row);
}

/** One person's quotes, newest first. */
export const list = (db: Db, owner: string, paging: Paging): Promise<PageOf<Output<"order.quote">>> =>
  pageById(db.query.selectFrom("quotes").selectAll().where("user_id", "=", owner), paging, (row) =>
    toQuote(quoteIn(row)),
  );
