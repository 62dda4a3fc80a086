/** The SQL of one product. */
import type { Kysely, Selectable } from "kysely";
import { sortKey } from "#core/folding.ts";
import type { Money } from "#core/schema.ts";
import type { Reading } from "#mixins/database/cache.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { columns } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { product } from "./product.contract.ts";
import { searchText } from "./search.model.ts";
import { type Db, type ProductTables, sql, type Tx } from "./product.tables.ts";

type Row = Selectable<ProductTables["products"]>;

/** Products on sale with the price at `now`, in milliseconds since the epoch. */
export const onSale = (q: Kysely<ProductTables>, now: number) =>
  q
    .selectFrom("products as p")
    .innerJoin("prices as r", "r.product_id", "p.id")
    .innerJoin("stock_levels as s", "s.product_id", "p.id")
    .select([
      "p.id",
      "name",
      "description",
      "category_id",
      "amount",
      "currency",
      "tax_rate",
      "created_at",
      "version",
      "slug",
    ])
    .select((e) => e("on_hand", "-", e.ref("held")).as("sellable"))
    .where("archived_at", "is", null)
    .where("starts_at", "<=", now)
    .where((e) => e.or([e("ends_at", "is", null), e("ends_at", ">", now)]));

const listOnSale = sql((q, p: { ids: string; now: number }) =>
  onSale(q, p.now).innerJoin(rowsIn(p.ids), "given.key", "p.id"),
);
const findWithEnd = sql((q, p: { id: string; now: number }) =>
  onSale(q, p.now).select("ends_at").where("p.id", "=", p.id),
);
const insertProduct = sql((q, p: Omit<Row, "indexed" | "slug">) =>
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
const archiveProduct = sql((q, p: { id: string; at: string }) =>
  q.updateTable("products").set({ archived_at: p.at, category_id: null }).where("id", "=", p.id),
);

export interface NewProduct {
  readonly id: string;
  readonly key?: string;
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
  });

const listRows = (db: Db, ids: readonly string[], now: number) =>
  db.all(listOnSale, { ids: rowsText(ids.map((id) => [id, 0])), now });
type OnSaleRow = Awaited<ReturnType<typeof listRows>>[number];

export function toProduct({ id, name, description, slug, sellable, version, amount, currency, ...row }: OnSaleRow) {
  const { category_id: categoryId, tax_rate: taxRate, created_at: createdAt } = row;
  return {
    id,
    name,
    description,
    slug,
    categoryId,
    price: { amount, currency },
    taxRate,
    sellable,
    createdAt,
    version,
  };
}
export type Product = ReturnType<typeof toProduct>;

/**
 * The product as it is sold at `now`, and the time until which its price is valid, both in milliseconds since the
 * epoch.
 * @throws NOT_FOUND
 */
export async function read(db: Db, id: string, now: number): Promise<Reading<Product>> {
  const row = await db.one(findWithEnd, { id, now });
  if (!row) throw product.error("NOT_FOUND");
  const { ends_at: until, ...found } = row;
  return { value: toProduct(found), until };
}

/** @throws as `read` */
export const find = async (db: Db, id: string, now: number): Promise<Product> => (await read(db, id, now)).value;

/** The ones of these products that are on sale. */
export async function lookup(db: Db, ids: readonly string[], now: number): Promise<Product[]> {
  return (await listRows(db, ids, now)).map(toProduct);
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
}

/** @throws NOT_FOUND, STALE_VERSION */
export async function update(tx: Tx, { id, version, categoryId, ...change }: Change): Promise<void> {
  const row = await take(tx, id, version);
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
