/** Variants: rows of products below another, which shows the lowest of their prices. */
import type { Selectable } from "kysely";
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import type { Money } from "#core/schema.ts";
import type { Language } from "#core/text.ts";
import { pageById } from "#mixins/database/paging.ts";
import { required } from "#mixins/database/write.ts";
import { index } from "./index.repository.ts";
import { checkUnused, combinationOf, mergeOptions, MOST_VARIANTS, readOptions, type Value } from "./option.model.ts";
import { lowest } from "./price.model.ts";
import * as prices from "./price.repository.ts";
import { product } from "./product.contract.ts";
import type { Product } from "./catalogue.contract.ts";
import { insert, lookup, take } from "./product.repository.ts";
import { claimSkus } from "./sku.repository.ts";
import { type Db, type ProductTables, sql, type Tx } from "./product.tables.ts";
import * as texts from "./translation.repository.ts";
import * as stock from "./stock.repository.ts";

type Row = Selectable<ProductTables["products"]>;

const findParent = sql((q, p: { id: string }) => q.selectFrom("products").select("parent_id").where("id", "=", p.id));
/** Updates the row without a change, so that others who change its variants wait. */
const lock = sql((q, p: { id: string }) =>
  q
    .updateTable("products")
    .set((e) => ({ version: e.ref("version") }))
    .where("id", "=", p.id)
    .where("archived_at", "is", null)
    .returningAll(),
);
const listCombinations = sql((q, p: { parent_id: string }) =>
  q
    .selectFrom("products")
    .select(["id", "combination"])
    .where("parent_id", "=", p.parent_id)
    .where("archived_at", "is", null),
);
const setOptionsOf = sql((q, p: Pick<Row, "id" | "options">) =>
  q.updateTable("products").set({ options: p.options }).where("id", "=", p.id),
);
/** No unit of its own can be sold any more: it is known here that there is none. */
const checkEmpty = sql((q, p: { product_id: string }) =>
  q
    .updateTable("stock_levels")
    .set({ held: 0 })
    .where("product_id", "=", p.product_id)
    .where("on_hand", "=", 0)
    .where("held", "=", 0),
);
/** The text index has no variants. */
const markIndexed = sql((q, p: { id: string }) =>
  q
    .updateTable("products")
    .set((e) => ({ indexed: e.ref("version") }))
    .where("id", "=", p.id),
);
const archiveAll = sql((q, p: { parent_id: string; at: string }) =>
  q
    .updateTable("products")
    .set((e) => ({ archived_at: p.at, version: e("version", "+", 1), indexed: e("version", "+", 1) }))
    .where("parent_id", "=", p.parent_id)
    .where("archived_at", "is", null),
);

/** The product of which this is a variant, which nobody else changes until the transaction ends; null for any other. */
export async function lockParent(tx: Tx, id: string): Promise<string | null> {
  const parent = (await tx.one(findParent, { id }))?.parent_id ?? null;
  if (parent !== null) await tx.one(lock, { id: parent });
  return parent;
}

/**
 * What follows from a change of a product: its entry of the text index; of a variant, the lowest price of its product.
 * @param parent as `lockParent` answers it
 * @param now milliseconds since the epoch
 */
export async function changed(tx: Tx, id: string, parent: string | null, now: number): Promise<void> {
  if (parent === null) return index(tx, [id], now);
  tx.add(markIndexed.with({ id }));
  await showLowest(tx, parent, now);
  await index(tx, [parent], now);
}

/** Without variants, the last price stays. */
async function showLowest(tx: Tx, id: string, now: number): Promise<void> {
  const periods = lowest(await prices.ofVariants(tx, id, now), now);
  if (periods.length > 0) tx.add(...prices.replace(id, periods, timestamp(now)));
}

/** @throws NOT_FOUND, STALE_VERSION, IS_VARIANT, OPTION_UNKNOWN, OPTION_IN_USE, STOCK_LEFT */
export async function setOptions(
  tx: Tx,
  {
    id,
    version,
    options,
  }: { readonly id: string; readonly version?: number; readonly options: Parameters<typeof mergeOptions>[1] },
): Promise<void> {
  const row = await take(tx, id, version);
  if (row.parent_id !== null) throw product.error("IS_VARIANT");
  const known = readOptions(row.options);
  const next = mergeOptions(known, options);
  const variants = await tx.all(listCombinations, { parent_id: id });
  checkUnused(
    known,
    next,
    variants.map(({ combination }) => combination!),
  );
  if (known.length === 0 && next.length > 0)
    tx.add(required(checkEmpty.with({ product_id: id }), () => product.error("STOCK_LEFT")));
  const gone = texts
    .idsIn({ id, options: row.options })
    .filter((one) => one !== id && !JSON.stringify(next).includes(one));
  tx.add(texts.forget(gone), setOptionsOf.with({ id, options: next.length > 0 ? JSON.stringify(next) : null }));
}

/** The product to which variants are added, with what it has. @throws NOT_FOUND, NO_OPTIONS */
export async function takeGroup(tx: Tx, id: string) {
  const row = await tx.one(lock, { id });
  if (!row) throw product.error("NOT_FOUND");
  if (row.options === null) throw product.error("NO_OPTIONS");
  const variants = await tx.all(listCombinations, { parent_id: id });
  return { row, options: readOptions(row.options), taken: new Set(variants.map(({ combination }) => combination!)) };
}

interface Addition {
  readonly values: readonly Value[];
  readonly sku: string;
}

/** What variants have when they are new. */
interface Beginning {
  readonly price?: Money;
  readonly stock?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Adds variants whose combinations are not taken.
 * @returns their ids
 * @throws VARIANTS_FULL, SKU_TAKEN, PRICE_CURRENCY
 */
export async function add(
  tx: Tx,
  { row, taken }: Awaited<ReturnType<typeof takeGroup>>,
  additions: readonly Addition[],
  { price, stock: onHand = 0, metadata = {} }: Beginning,
  now: number,
): Promise<string[]> {
  const { id: parentId, currency } = row;
  if (taken.size + additions.length > MOST_VARIANTS) throw product.error("VARIANTS_FULL", { most: MOST_VARIANTS });
  if (price && price.currency !== currency) throw product.error("PRICE_CURRENCY", { currency });
  await claimSkus(
    tx,
    additions.map(({ sku }) => sku),
  );
  const amount = price?.amount ?? (await prices.amountAt(tx, parentId, now));
  const createdAt = timestamp(now);
  const ids = additions.map(({ values, sku }) => {
    const id = newId();
    // What it is called is read from its product.
    const { name, tax_rate: taxRate } = row;
    const made = { id, sku, parentId, combination: combinationOf(values), name, description: "", taxRate, metadata };
    tx.add(insert({ ...made, categoryId: null, price: { amount, currency }, createdAt }));
    tx.add(prices.open(id, amount, createdAt), ...stock.open(id, onHand, createdAt), markIndexed.with({ id }));
    return id;
  });
  await showLowest(tx, parentId, now);
  await index(tx, [parentId], now);
  return ids;
}

/** Takes the variants of a product off sale with it. @param at RFC 3339 */
export const archive = (parentId: string, at: string) => archiveAll.with({ parent_id: parentId, at });

/** @throws NOT_FOUND */
export async function list(
  db: Db,
  id: string,
  paging: Paging,
  now: number,
  language?: Language,
): Promise<PageOf<Product>> {
  if ((await lookup(db, [id], now)).length === 0) throw product.error("NOT_FOUND");
  const ofProduct = db.query
    .selectFrom("products")
    .select("id")
    .where("parent_id", "=", id)
    .where("archived_at", "is", null);
  const { items, nextCursor } = await pageById(ofProduct, paging, ({ id: one }) => one, "asc");
  const found = new Map((await lookup(db, items, now, language)).map((one) => [one.id, one]));
  return { items: items.flatMap((one) => found.get(one) ?? []), nextCursor };
}
