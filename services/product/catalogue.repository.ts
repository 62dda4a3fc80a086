/** The catalogue as a whole: adds products to it, and searches it. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Input } from "#core/contract.ts";
import { page } from "#core/cursor.ts";
import { contains } from "#mixins/database/search.ts";
import * as categories from "./category.repository.ts";
import { config } from "./product.config.ts";
import { keyIn } from "./product.model.ts";
import { insert, type NewProduct, onSale, toProduct } from "./product.repository.ts";
import type { Db, Tx } from "./product.tables.ts";
import * as prices from "./price.repository.ts";
import * as stock from "./stock.repository.ts";

interface Addition extends Omit<NewProduct, "id" | "taxRate" | "createdAt"> {
  readonly taxRate?: number;
  /** Units on hand. */
  readonly stock?: number;
}

/** Adds a product with its first price and stock; answers null when its key already exists. */
export async function add(
  tx: Tx,
  { stock: onHand = 0, taxRate = config.PRODUCT_TAX_RATE, ...made }: Addition,
): Promise<string | null> {
  const [id, createdAt] = [newId(), timestamp()];
  if (!(await insert(tx, { ...made, id, taxRate, createdAt }))) return null;
  tx.add(prices.open(id, made.price.amount, createdAt), ...stock.open(id, onHand, createdAt));
  return id;
}

/** Adds the products with new keys, and answers their number. */
export async function seed(tx: Tx, products: Input<"product.seed">["products"]): Promise<number> {
  let added = 0;
  for (const { category, ...made } of products) {
    if (await add(tx, { ...made, categoryId: await categories.named(tx, category) })) added += 1;
  }
  return added;
}

/** The tie-breaking id is of the same table as the sorted column, so that one index serves both. */
const sorts = {
  newest: { column: "created_at", id: "p.id", direction: "desc" },
  price: { column: "amount", id: "r.product_id", direction: "asc" },
  "-price": { column: "amount", id: "r.product_id", direction: "desc" },
  name: { column: "name_key", id: "p.id", direction: "asc" },
} as const;

type Filter = Input<"product.list">;

const matching = (db: Db, { q, category, minPrice, maxPrice, inStock }: Filter, now: number) =>
  onSale(db.query, now)
    .$if(q !== undefined, (found) => found.where(contains("search_text", q!)))
    .$if(category !== undefined, (found) => found.where("category_id", "in", categories.within(db.query, category!)))
    .$if(minPrice !== undefined, (found) => found.where("amount", ">=", minPrice!))
    .$if(maxPrice !== undefined, (found) => found.where("amount", "<=", maxPrice!))
    .$if(inStock === true, (found) => found.whereRef("on_hand", ">", "held"));

/**
 * A page of the products on sale at `now`, in milliseconds since the epoch.
 * @throws VALIDATION_FAILED for a cursor that is not of this list
 */
export async function search(db: Db, { sort = "newest", limit = 20, cursor, ...filter }: Filter, now: number) {
  const { column, id, direction } = sorts[sort];
  const after = keyIn(cursor, sort);
  const rows = await matching(db, filter, now)
    .$if(after !== null, (found) =>
      found.where((e) =>
        e(e.refTuple(column, id), direction === "asc" ? ">" : "<", e.tuple(after!.key as never, after!.id)),
      ),
    )
    .orderBy(column, direction)
    .orderBy(id, direction)
    .select("name_key")
    .limit(limit + 1)
    .execute();
  return page(rows, limit, toProduct, (row) => [sort, row[column], row.id]);
}
