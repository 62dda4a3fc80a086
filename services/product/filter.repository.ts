/** The filters of the catalogue: as conditions, and as tokens of the text index. */
import type { ExpressionBuilder } from "kysely";
import type { Input } from "#core/contract.ts";
import * as categories from "./category.repository.ts";
import { isAnySellable } from "./group.repository.ts";
import { onSale } from "./product.repository.ts";
import type { Db, ProductTables } from "./product.tables.ts";
import { categoryToken, type Expression, priceTokens } from "./search.model.ts";

export type Filter = Pick<Input<"product.list">, "category" | "minPrice" | "maxPrice" | "inStock">;

type Outer = ExpressionBuilder<
  ProductTables & { p: ProductTables["products"]; s: ProductTables["stock_levels"] },
  "p" | "s"
>;

/** Whether the product `p` with the stock level `s`, or one of its variants, can be ordered now. */
export const isInStock = (e: Outer) =>
  e.or([e("s.on_hand", ">", e.ref("s.held")), e.and([e("p.options", "is not", null), isAnySellable(e)])]);

/** Products on sale that pass the filters, without variants, which their product stands for, with the price at `now`, in milliseconds since the epoch. */
export const passing = (db: Db, { category, minPrice, maxPrice, inStock }: Filter, now: number) =>
  onSale(db.query, now)
    .where("p.parent_id", "is", null)
    .$if(category !== undefined, (found) => found.where("p.category_id", "in", categories.within(db.query, category!)))
    .$if(minPrice !== undefined, (found) => found.where("amount", ">=", minPrice!))
    .$if(maxPrice !== undefined, (found) => found.where("amount", "<=", maxPrice!))
    .$if(inStock === true, (found) => found.where(isInStock));

/** More categories than these are not asked of the index. */
const MOST_CATEGORIES = 200;

/** The category of the filter and those below it; null: of any. */
export async function categoriesIn(db: Db, { category }: Filter): Promise<ReadonlySet<string> | null> {
  if (category === undefined) return null;
  const rows = await categories.within(db.query, category).execute();
  return new Set(rows.map(({ id }) => id));
}

/** Tokens of all products that pass the filters, and of others. @param within the categories of `categoriesIn` */
export function tokensOf({ minPrice, maxPrice }: Filter, within: ReadonlySet<string> | null): Expression {
  const prices = minPrice === undefined && maxPrice === undefined ? [] : [priceTokens(minPrice, maxPrice)];
  const tokens = within && within.size <= MOST_CATEGORIES ? [...prices, Array.from(within, categoryToken)] : prices;
  return tokens.map((group) => group.map((one) => [one]));
}
