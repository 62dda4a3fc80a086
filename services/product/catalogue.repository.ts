/** Adds products to the catalogue. */
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Input } from "#core/contract.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import * as categories from "./category.repository.ts";
import { config } from "./product.config.ts";
import { index } from "./index.repository.ts";
import { insert, type NewProduct } from "./product.repository.ts";
import { claimSkus } from "./sku.repository.ts";
import { sql, type Tx } from "./product.tables.ts";
import * as prices from "./price.repository.ts";
import * as stock from "./stock.repository.ts";

export interface Addition extends Omit<NewProduct, "id" | "taxRate" | "createdAt"> {
  readonly taxRate?: number;
  /** Units on hand. */
  readonly stock?: number;
}

const listKeys = sql((q, p: { keys: string }) =>
  q.selectFrom(rowsIn(p.keys)).innerJoin("products", "products.key", "given.key").select("given.key as key"),
);

/** Adds products, each with its first price and stock. @returns their ids @throws SKU_TAKEN */
export async function add(tx: Tx, additions: readonly Addition[]): Promise<string[]> {
  const ids = await place(tx, additions);
  await index(tx, ids, now());
  return ids;
}

/** Adds products which the caller enters into the text index. @returns their ids @throws SKU_TAKEN */
export async function place(tx: Tx, additions: readonly Addition[]): Promise<string[]> {
  const createdAt = timestamp();
  await claimSkus(
    tx,
    additions.flatMap(({ sku }) => sku ?? []),
  );
  return additions.map(({ stock: onHand = 0, taxRate = config.PRODUCT_TAX_RATE, ...made }) => {
    const id = newId();
    tx.add(insert({ ...made, id, taxRate, createdAt }));
    tx.add(prices.open(id, made.price.amount, createdAt), ...stock.open(id, onHand, createdAt));
    return id;
  });
}

/** Adds the products with new keys, and answers their number. */
export async function seed(tx: Tx, products: Input<"product.seed">["products"]): Promise<number> {
  // Two that seed the same take turns.
  tx.lock("products:seed");
  const wanted = new Map(products.map((one) => [one.key, one]));
  for (const { key } of await tx.all(listKeys, { keys: rowsText(products.map(({ key }) => [key, 0])) }))
    wanted.delete(key);
  const ids = new Map<string, string>();
  for (const { category } of wanted.values())
    if (!ids.has(category)) ids.set(category, await categories.named(tx, category));
  const added = await add(
    tx,
    Array.from(wanted.values(), ({ category, ...made }) => ({ ...made, categoryId: ids.get(category)! })),
  );
  return added.length;
}
