/**
 * Counts for facets. When few products match, all are counted, once. Otherwise the newest are, for each facet by itself:
 * exact counts of a million would take longer than anybody waits.
 */
import type { Language } from "#core/text.ts";
import { above } from "./category.repository.ts";
import { type Counted, categoryCounts, priceRanges } from "./facet.model.ts";
import { type Filter, passing, tokensOf } from "./filter.repository.ts";
import type { Db } from "./product.tables.ts";
import { textsFor } from "./translation.repository.ts";
import { containing, patterns, searchWords, type Word } from "./search.model.ts";
import { entriesIn, hits, keyNumber, matches, spelt } from "./search.repository.ts";

/** Products that are counted at most. */
const MOST = 2000;

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

async function categoriesOf(db: Db, { products, isExact }: Sample, language?: Language) {
  const ids = new Set(products.flatMap(({ category_id }) => category_id ?? []));
  const known = await above(db, [...ids]);
  const texts = await textsFor(
    db,
    language,
    known.map(({ id }) => ({ id })),
  );
  const named = known.map((one) => ({ ...one, name: texts.of(one.id, "name") ?? one.name }));
  return { items: categoryCounts(products, named), isExact };
}

const countOf = ({ products, isExact }: Sample) => ({ count: products.length, isExact });

/** @param now milliseconds since the epoch */
export async function facets(
  db: Db,
  { q, ...filter }: Filter & { readonly q?: string },
  now: number,
  language?: Language,
) {
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
    categories: await categoriesOf(db, await once(anyCategory), language),
    prices: { items: priceRanges(prices.products), isExact: prices.isExact },
    inStock: countOf(inStock),
  };
}
