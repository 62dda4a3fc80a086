/** The SQL of one product. */
import type { Kysely, Selectable } from "kysely";
import { sortKey } from "#core/folding.ts";
import type { Money } from "#core/schema.ts";
import type { Language } from "#core/text.ts";
import type { Reading } from "#mixins/database/cache.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { columns } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { product } from "./product.contract.ts";
import type { Product } from "./catalogue.contract.ts";
import { firstEndIn, highestIn, sellableIn } from "./group.repository.ts";
import { claimSkus } from "./sku.repository.ts";
import { shown } from "./shown.repository.ts";
import { searchText } from "./search.model.ts";
import { type Db, type ProductTables, sql, type Tx } from "./product.tables.ts";

type Row = Selectable<ProductTables["products"]>;

/** Products on sale with the price at `now`, in milliseconds since the epoch. Variants are among them. */
export const onSale = (q: Kysely<ProductTables>, now: number) =>
  q
    .selectFrom("products as p")
    .innerJoin("prices as r", "r.product_id", "p.id")
    .innerJoin("stock_levels as s", "s.product_id", "p.id")
    .select([
      "p.id",
      "p.name",
      "p.description",
      "p.category_id",
      "amount",
      "p.currency",
      "p.tax_rate",
      "p.created_at",
      "p.version",
      "p.slug",
      "p.sku",
      "p.options",
      "p.parent_id",
      "p.combination",
      "p.metadata",
    ])
    .select((e) => [
      e
        .case()
        .when("p.options", "is", null)
        .then(e("on_hand", "-", e.ref("held")))
        .else(sellableIn(e))
        .end()
        .as("sellable"),
      e.case().when("p.options", "is not", null).then(highestIn(e, now)).end().as("highest"),
    ])
    .where("p.archived_at", "is", null)
    .where("starts_at", "<=", now)
    .where((e) => e.or([e("ends_at", "is", null), e("ends_at", ">", now)]));

/** A variant is called as its product. */
const named = (q: Kysely<ProductTables>, now: number) =>
  onSale(q, now)
    .leftJoin("products as g", "g.id", "p.parent_id")
    .select([
      "g.name as group_name",
      "g.description as group_description",
      "g.category_id as group_category_id",
      "g.tax_rate as group_tax_rate",
      "g.options as group_options",
    ]);

const listOnSale = sql((q, p: { ids: string; now: number }) =>
  named(q, p.now).innerJoin(rowsIn(p.ids), "given.key", "p.id"),
);
const findWithEnd = sql((q, p: { id: string; now: number }) =>
  named(q, p.now)
    .select(["ends_at", (e) => firstEndIn(e, p.now).as("variants_end")])
    .where("p.id", "=", p.id),
);
const insertProduct = sql((q, p: Omit<Row, "indexed" | "slug" | "options">) =>
  q
    .insertInto("products")
    .values(
      columns(
        p,
        "id",
        "key",
        "name",
        "description",
        "search_text",
        "name_key",
        "category_id",
        "currency",
        "tax_rate",
        "created_at",
        "archived_at",
        "version",
        "sku",
        "parent_id",
        "combination",
        "metadata",
      ),
    ),
);
const nextVersion = sql((q, p: { id: string }) =>
  q
    .updateTable("products")
    .set((e) => ({ version: e("version", "+", 1) }))
    .where("id", "=", p.id)
    .where("archived_at", "is", null)
    .returningAll(),
);
const details = ["name", "description", "name_key", "category_id", "tax_rate"] as const;
const setDetails = sql((q, p: Pick<Row, "id" | (typeof details)[number]>) =>
  q
    .updateTable("products")
    .set(columns(p, ...details))
    .where("id", "=", p.id),
);
const setSku = sql((q, p: { id: string; sku: string }) =>
  q.updateTable("products").set({ sku: p.sku }).where("id", "=", p.id),
);
const setMetadata = sql((q, p: Pick<Row, "id" | "metadata">) =>
  q.updateTable("products").set({ metadata: p.metadata }).where("id", "=", p.id),
);
const archiveProduct = sql((q, p: { id: string; at: string }) =>
  q.updateTable("products").set({ archived_at: p.at, category_id: null }).where("id", "=", p.id),
);
export interface NewProduct {
  readonly id: string;
  readonly key?: string;
  readonly sku?: string;
  /** Of a variant. */
  readonly parentId?: string;
  readonly combination?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly name: string;
  readonly description: string;
  readonly categoryId: string | null;
  readonly price: Money;
  readonly taxRate: number;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** A key that is known already is a conflict. */
export const insert = (made: NewProduct): Write =>
  insertProduct.with({
    id: made.id,
    key: made.key ?? null,
    name: made.name,
    description: made.description,
    search_text: searchText(made.name, made.description),
    name_key: sortKey(made.name),
    category_id: made.categoryId,
    currency: made.price.currency,
    tax_rate: made.taxRate,
    created_at: made.createdAt,
    archived_at: null,
    version: 1,
    sku: made.sku ?? null,
    parent_id: made.parentId ?? null,
    combination: made.combination ?? null,
    metadata: stored(made.metadata),
  });

/** Null for none. */
const stored = (metadata: Readonly<Record<string, string>> = {}): string | null =>
  Object.keys(metadata).length === 0 ? null : JSON.stringify(metadata);

const listRows = (db: Db, ids: readonly string[], now: number) =>
  db.all(listOnSale, { ids: rowsText(ids.map((id) => [id, 0])), now });

/**
 * The product as it is sold at `now`, and the time until which its price is valid, both in milliseconds since the
 * epoch.
 * @throws NOT_FOUND
 */
export async function read(db: Db, id: string, now: number, language?: Language): Promise<Reading<Product>> {
  const row = await db.one(findWithEnd, { id, now });
  if (!row) throw product.error("NOT_FOUND");
  const [value] = await shown(db, [row], language);
  const ends = [row.ends_at, row.variants_end].filter((end) => end !== null);
  return { value: value!, until: ends.length === 0 ? null : Math.min(...ends) };
}

/** @throws as `read` */
export const find = async (db: Db, id: string, now: number, language?: Language): Promise<Product> =>
  (await read(db, id, now, language)).value;

/** The ones of these products that are on sale. */
export async function lookup(db: Db, ids: readonly string[], now: number, language?: Language): Promise<Product[]> {
  return shown(db, await listRows(db, ids, now), language);
}

/** Locks a product for a change and increases its version. @throws NOT_FOUND, STALE_VERSION */
export async function take(tx: Tx, id: string, version?: number): Promise<Row> {
  const row = await tx.one(nextVersion, { id });
  if (!row) throw product.error("NOT_FOUND");
  if (version !== undefined && row.version !== version + 1) throw product.error("STALE_VERSION");
  return row;
}

interface Change {
  readonly id: string;
  readonly version?: number;
  readonly name?: string;
  readonly description?: string;
  readonly categoryId?: string | null;
  readonly taxRate?: number;
  readonly sku?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * @throws NOT_FOUND, STALE_VERSION, SKU_TAKEN, IS_VARIANT when more than the SKU and the metadata of a variant are to change
 */
export async function update(tx: Tx, { id, version, sku, metadata, categoryId, ...change }: Change): Promise<void> {
  const row = await take(tx, id, version);
  if (metadata !== undefined) tx.add(setMetadata.with({ id, metadata: stored(metadata) }));
  if (sku !== undefined) {
    await claimSkus(tx, [sku], id);
    tx.add(setSku.with({ id, sku }));
  }
  if (row.parent_id !== null) {
    if (categoryId !== undefined || Object.values(change).some((one) => one !== undefined))
      throw product.error("IS_VARIANT");
    return;
  }
  const { name = row.name, description = row.description, taxRate = row.tax_rate } = change;
  const category_id = categoryId === undefined ? row.category_id : categoryId;
  tx.add(setDetails.with({ id, name, description, name_key: sortKey(name), category_id, tax_rate: taxRate }));
}

/**
 * @param at RFC 3339
 * @throws NOT_FOUND, STALE_VERSION
 */
export async function archive(tx: Tx, id: string, at: string, version?: number): Promise<void> {
  await take(tx, id, version);
  tx.add(archiveProduct.with({ id, at }));
}
