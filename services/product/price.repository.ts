/** Prices as periods without gaps and overlaps. The clock decides at the time of reading which one is valid. */
import { timestamp } from "#core/clock.ts";
import { page } from "#core/cursor.ts";
import { columns } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { BEGINNING, type Period } from "./price.model.ts";
import { product } from "./product.contract.ts";
import { take } from "./product.repository.ts";
import { type Db, type ProductTables, sql, type Tx } from "./product.tables.ts";

type Row = ProductTables["prices"];

const nextStart = sql((q, p: { product_id: string; starts_at: number }) =>
  q
    .selectFrom("prices")
    .select("starts_at")
    .where("product_id", "=", p.product_id)
    .where("starts_at", ">", p.starts_at)
    .orderBy("starts_at")
    .limit(1),
);
const endPrevious = sql((q, p: { product_id: string; starts_at: number }) =>
  q
    .updateTable("prices")
    .set({ ends_at: p.starts_at })
    .where("product_id", "=", p.product_id)
    .where("starts_at", "<", p.starts_at)
    .where((e) => e.or([e("ends_at", "is", null), e("ends_at", ">", p.starts_at)])),
);
/** The price that is valid at a time. */
const findAt = sql((q, p: { product_id: string; at: number }) =>
  q
    .selectFrom("prices")
    .select(["starts_at", "ends_at", "amount"])
    .where("product_id", "=", p.product_id)
    .where("starts_at", "<=", p.at)
    .orderBy("starts_at", "desc")
    .limit(1),
);
const removeWithin = sql((q, p: { product_id: string; starts_at: number; ends_at: number }) =>
  q
    .deleteFrom("prices")
    .where("product_id", "=", p.product_id)
    .where("starts_at", ">", p.starts_at)
    .where("starts_at", "<", p.ends_at),
);
const put = sql((q, p: Row) =>
  q
    .insertInto("prices")
    .values(columns(p, "product_id", "starts_at", "ends_at", "amount", "set_at"))
    .onConflict((one) =>
      one.columns(["product_id", "starts_at"]).doUpdateSet(columns(p, "ends_at", "amount", "set_at")),
    ),
);
const listBefore = sql((q, p: { product_id: string; before: number; limit: number }) =>
  q
    .selectFrom("prices as r")
    .innerJoin("products as p", "p.id", "r.product_id")
    .select(["starts_at", "ends_at", "amount", "currency", "set_at"])
    .where("product_id", "=", p.product_id)
    .where("starts_at", "<", p.before)
    .orderBy("starts_at", "desc")
    .limit(p.limit),
);

const listOfVariants = sql((q, p: { parent_id: string; now: number }) =>
  q
    .selectFrom("prices as r")
    .innerJoin("products as p", "p.id", "r.product_id")
    .select(["starts_at", "ends_at", "amount"])
    .where("parent_id", "=", p.parent_id)
    .where("archived_at", "is", null)
    .where((e) => e.or([e("ends_at", "is", null), e("ends_at", ">", p.now)])),
);
const removeAll = sql((q, p: { product_id: string }) => q.deleteFrom("prices").where("product_id", "=", p.product_id));

/** The first price of a new product. */
export const open = (productId: string, amount: number, setAt: string): Write =>
  put.with({ product_id: productId, starts_at: BEGINNING, ends_at: null, amount, set_at: setAt });

/** The prices of all variants of a product, from `now` on, in milliseconds since the epoch. */
export const ofVariants = (db: Db, parentId: string, now: number): Promise<Period[]> =>
  db.all(listOfVariants, { parent_id: parentId, now });

/** What a product costs at a time, in minor units. */
export const amountAt = async (db: Db, productId: string, at: number): Promise<number> =>
  (await db.one(findAt, { product_id: productId, at }))!.amount;

/** @param periods without gaps, from the beginning of time */
export const replace = (productId: string, periods: readonly Period[], setAt: string): readonly Write[] => [
  removeAll.with({ product_id: productId }),
  ...periods.map((period) => put.with({ ...period, product_id: productId, set_at: setAt })),
];

interface Setting {
  readonly id: string;
  readonly version?: number;
  readonly price: { readonly amount: number; readonly currency: string };
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
  /** Milliseconds since the epoch; null: until the next scheduled price. */
  readonly endsAt: number | null;
}

/**
 * Sets the price from `startsAt` until `endsAt`, when the price comes back that would have been valid then.
 * @throws NOT_FOUND, STALE_VERSION, PRICE_CURRENCY, IN_VARIANTS
 */
export async function set(tx: Tx, { id, version, price, startsAt, endsAt }: Setting): Promise<void> {
  const { currency, options } = await take(tx, id, version);
  if (options !== null) throw product.error("IN_VARIANTS");
  if (price.currency !== currency) throw product.error("PRICE_CURRENCY", { currency });
  const at = { product_id: id, starts_at: startsAt };
  const own = { ...at, amount: price.amount, set_at: timestamp() };
  if (endsAt !== null) return setPeriod(tx, { ...own, ends_at: endsAt });
  const next = await tx.one(nextStart, at);
  tx.add(endPrevious.with(at));
  tx.add(put.with({ ...own, ends_at: next?.starts_at ?? null }));
}

/** What was scheduled within the period gives way to it. */
async function setPeriod(tx: Tx, period: Row & { readonly ends_at: number }): Promise<void> {
  const { product_id, starts_at, ends_at, set_at } = period;
  const behind = (await tx.one(findAt, { product_id, at: ends_at }))!;
  tx.add(removeWithin.with({ product_id, starts_at, ends_at }), endPrevious.with({ product_id, starts_at }));
  tx.add(put.with(period));
  if (behind.starts_at === ends_at) return;
  tx.add(put.with({ product_id, starts_at: ends_at, ends_at: behind.ends_at, amount: behind.amount, set_at }));
}

const timeOf = (milliseconds: number | null) => (milliseconds ? timestamp(milliseconds) : null);

/**
 * Latest first.
 * @param before the position where the page before ended, in milliseconds since the epoch
 * @throws NOT_FOUND
 */
export async function list(db: Db, id: string, limit: number, before: number = Number.MAX_SAFE_INTEGER) {
  const rows = await db.all(listBefore, { product_id: id, before, limit: limit + 1 });
  // The page behind the last price is empty, but only for a product that exists.
  if (rows.length === 0 && !(await db.one(listBefore, { product_id: id, before: Number.MAX_SAFE_INTEGER, limit: 1 })))
    throw product.error("NOT_FOUND");
  return page(
    rows,
    limit,
    ({ amount, currency, starts_at, ends_at, set_at }) => ({
      price: { amount, currency },
      from: timeOf(starts_at),
      until: timeOf(ends_at),
      setAt: set_at,
    }),
    ({ starts_at }) => [starts_at],
  );
}
