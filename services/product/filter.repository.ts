/** The filters of the catalogue: as conditions, and as tokens of the text index. */
import type { Input } from "#core/contract.ts";
import * as categories from "./category.repository.ts";
import { isAnySellable } from "./group.repository.ts";
import { onSale } from "./product.repository.ts";
import type { Db } from "./product.tables.ts";
import { categoryToken, type Expression, priceTokens } from "./search.model.ts";

export type Filter = Pick<Input<"product.list">, "category" | "minPrice" | "maxPrice" | "inStock">;

/** Products on sale that pass the filters, without variants, which their product stands for, with the price at `now`, in milliseconds since the epoch. */
export const passing = (db: Db, { category, minPrice, maxPrice, inStock }: Filter, now: number) =>
  onSale(db.query, now)
    .where("p.parent_id", "is", null)
    .$if(category !== undefined, (found) => found.where("p.category_id", "in", categories.within(db.query, category!)))
    .$if(minPrice !== undefined, (found) => found.where("amount", ">=", minPrice!))
    .$if(maxPrice !== undefined, (found) => found.where("amount", "<=", maxPrice!))
    .$if(inStock === true, (found) => found.where((e) => e.or([e("on_hand", ">", e.ref("held")), isAnySellable(e)])));

/** More categories than these are not asked of the index. */
const MOST_CATEGORIES = 200;

/** Tokens of all products that pass the filters, and of others. */
export async function tokensOf(db: Db, { category, minPrice, maxPrice }: Filter): Promise<Expression> {
  const prices = minPrice === undefined && maxPrice === undefined ? [] : [priceTokens(minPrice, maxPrice)];
  const within = category === undefined ? null : await idsWithin(db, category);
  const tokens = within && within.length <= MOST_CATEGORIES ? [...prices, within.map(categoryToken)] : prices;
  return tokens.map((group) => group.map((one) => [one]));
}

async function idsWithin(db: Db, category: string): Promise<string[]> {
  const rows = await categories.within(db.query, category).execute();
  return rows.map(({ id }) => id);
}
