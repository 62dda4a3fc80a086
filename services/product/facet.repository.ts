/**
 * Counts for facets. When few products match, all are counted, once. Otherwise the newest are, for each facet by itself:
 * exact counts of a million would take longer than anybody waits.
 */
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { type Counted, categoryCounts, priceRanges } from "./facet.model.ts";
import { type Filter, passing, tokensOf } from "./filter.repository.ts";
import { type Db, sql } from "./product.tables.ts";
import { containing, patterns, searchWords, type Word } from "./search.model.ts";
import { entriesIn, hits, keyNumber, matches, spelt } from "./search.repository.ts";

/** Products that are counted at most. */
const MOST = 2000;

const listAbove = sql((q, p: { ids: string }) =>
  q
    .withRecursive("above", (above) =>
      above
        .selectFrom(rowsIn(p.ids))
        .innerJoin("categories as c", "c.id", "given.key")
        .select(["c.id", "c.name", "c.parent_id"])
        .union(
          above
            .selectFrom("categories as c")
            .innerJoin("above", "above.parent_id", "c.id")
            .select(["c.id", "c.name", "c.parent_id"]),
        ),
    )
    .selectFrom("above")
    .select(["id", "name", "parent_id"]),
);

interface Sample {
  readonly products: readonly Counted[];
  readonly isExact: boolean;
}

/** What matches, up to the most that are counted. */
async function sample(db: Db, words: readonly Word[], filter: Filter, now: number): Promise<Sample> {
  const seqs = await hits(db, [...containing(words), ...(await tokensOf(db, filter))], null, MOST + 1);
  const isExact = seqs.length <= MOST;
  if (seqs.length === 0) return { products: [], isExact };
  const products = await passing(db, filter, now)
    .innerJoin("search_entries as e", "e.product_id", "p.id")
    .innerJoin(entriesIn(seqs.slice(0, MOST)), (join) => join.on("e.seq", "=", keyNumber))
    .$if(words.length > 0, (found) => found.where(matches("search_text", patterns(words))))
    .clearSelect()
    .select(["category_id", "amount"])
    .execute();
  return { products, isExact };
}

async function categoriesOf(db: Db, { products, isExact }: Sample) {
  const ids = new Set(products.flatMap(({ category_id }) => category_id ?? []));
  const known = await db.all(listAbove, { ids: rowsText(Array.from(ids, (id) => [id, 0])) });
  return { items: categoryCounts(products, known), isExact };
}

const countOf = ({ products, isExact }: Sample) => ({ count: products.length, isExact });

/** @param now milliseconds since the epoch */
export async function facets(db: Db, { q, ...filter }: Filter & { readonly q?: string }, now: number) {
  const words = await spelt(db, searchWords(q ?? ""));
  const { category: _, ...anyCategory } = filter;
  const { minPrice: _least, maxPrice: _most, ...anyPrice } = filter;
  const of = (one: Filter) => sample(db, words, one, now);
  const samples = new Map<string, Promise<Sample>>();
  // Facets that the same filters leave are counted together.
  const once = (one: Filter): Promise<Sample> => {
    const known = samples.get(JSON.stringify(one)) ?? of(one);
    samples.set(JSON.stringify(one), known);
    return known;
  };
  const [total, inStock] = [await once(filter), await once({ ...filter, inStock: true })];
  const prices = await once(anyPrice);
  return {
    total: countOf(total),
    categories: await categoriesOf(db, await once(anyCategory)),
    prices: { items: priceRanges(prices.products), isExact: prices.isExact },
    inStock: countOf(inStock),
  };
}
