/** Products as the records of a file: variants and what is sold in variants are records of their own. */
import type { Kysely } from "kysely";
import { isPostgres } from "#mixins/database/locking.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { type Db, type ProductTables, sql, type Tx } from "./product.tables.ts";

/** @param now milliseconds since the epoch, at which the price is valid */
const records = (q: Kysely<ProductTables>, now: number) =>
  q
    .selectFrom("products as p")
    .innerJoin("stock_levels as s", "s.product_id", "p.id")
    .innerJoin("prices as r", "r.product_id", "p.id")
    .select([
      "p.id",
      "p.sku",
      "p.name",
      "p.description",
      "p.currency",
      "p.category_id",
      "p.slug",
      "p.metadata",
      "p.options",
      "p.parent_id",
      "amount",
      "on_hand",
    ])
    .where("archived_at", "is", null)
    .where("starts_at", "<=", now)
    .where((e) => e.or([e("ends_at", "is", null), e("ends_at", ">", now)]));

const listAfter = sql((q, p: { after: string; limit: number; now: number }) =>
  records(q, p.now).where("p.id", ">", p.after).orderBy("p.id").limit(p.limit),
);
/** Locks the levels, so that a difference to them stays one. */
const takeBySku = sql((q, p: { keys: string; now: number }) => {
  const found = records(q, p.now).innerJoin(rowsIn(p.keys), "given.key", "p.sku").orderBy("p.id");
  return isPostgres(q) ? found.forUpdate("s") : found;
});
const takeById = sql((q, p: { keys: string; now: number }) => {
  const found = records(q, p.now).innerJoin(rowsIn(p.keys), "given.key", "p.id").orderBy("p.id");
  return isPostgres(q) ? found.forUpdate("s") : found;
});

export type ProductRecord = Awaited<ReturnType<typeof list>>[number];

/** In the order of their ids. */
export const list = (db: Db, after: string, limit: number, now: number) => db.all(listAfter, { after, limit, now });

const keysOf = (keys: readonly string[]): string => rowsText(keys.map((key) => [key, 0]));

/** Products on sale with these ids or SKUs. Nobody else changes their stock before this transaction ends. */
export async function take(tx: Tx, ids: readonly string[], skus: readonly string[], now: number) {
  const byId = ids.length === 0 ? [] : await tx.all(takeById, { keys: keysOf(ids), now });
  const bySku = skus.length === 0 ? [] : await tx.all(takeBySku, { keys: keysOf(skus), now });
  return {
    byId: new Map(byId.map((one) => [one.id, one])),
    bySku: new Map(bySku.map((one) => [one.sku!, one])),
  };
}
