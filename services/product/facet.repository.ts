/**
 * Counts for facets. When few products match, all are counted, and otherwise the newest, for each facet by itself: exact
 * counts of a million would take longer than anybody waits. All facets are counted in one reading.
 */
import { sql as raw } from "kysely";
import type { Language } from "#core/text.ts";
import { above } from "./category.repository.ts";
import { type Counted, categoryCounts, priceRanges } from "./facet.model.ts";
import { categoriesIn, type Filter, isInStock, passing, tokensOf } from "./filter.repository.ts";
import type { Db } from "./product.tables.ts";
import { textsFor } from "./translation.repository.ts";
import { containing, type Expression, patterns, searchWords, type Word } from "./search.model.ts";
import { byWords, entriesIn, hitsOf, keyNumber, matches } from "./search.repository.ts";

/** Products that are counted at most for each facet; the contract says so too. */
const MOST = 1000;

interface Row extends Counted {
  readonly seq: number;
  /** 1: it can be ordered now. */
  readonly sellable: number;
}
interface Sample {
  readonly products: readonly Row[];
  readonly isExact: boolean;
}

/** What passes each of the filters, which differ in nothing but categories and prices, up to the most that are counted. */
async function samples(db: Db, words: readonly Word[], filters: readonly Filter[], now: number): Promise<Sample[]> {
  const within = await categoriesIn(db, filters.find(({ category }) => category !== undefined) ?? {});
  const tokens = filters.map((one) => [...containing(words), ...tokensOf(one, one.category ? within : null)]);
  const found = await hitsOfAll(db, tokens);
  const counted = found.map((own) => new Set(own.slice(0, MOST)));
  const rows = await readRows(db, words, filters[0]!, new Set(counted.flatMap((own) => [...own])), now);
  return filters.map((filter, at) => ({
    products: rows.filter((row) => counted[at]!.has(row.seq) && isIn(row, filter, within)),
    isExact: found[at]!.length <= MOST,
  }));
}

/**
 * The newest hits of each, and one more than are counted. Where all hits of some tokens are known, those of the same tokens and
 * others are among them; which ones the rows tell.
 */
async function hitsOfAll(db: Db, all: readonly Expression[]): Promise<(readonly number[])[]> {
  const answers = new Map<Expression, readonly number[]>();
  const known: { readonly groups: ReadonlySet<string>; readonly hits: readonly number[] }[] = [];
  for (const tokens of all.toSorted((a, b) => a.length - b.length)) {
    const groups = new Set(tokens.map((group) => JSON.stringify(group)));
    const wider = known.find(
      (one) => one.groups.isSubsetOf(groups) && (one.hits.length <= MOST || one.groups.size === groups.size),
    );
    const hits = wider?.hits ?? (await hitsOf(db, [{ tokens, before: null, limit: MOST + 1 }]))[0]!;
    known.push({ groups, hits });
    answers.set(tokens, hits);
  }
  return all.map((tokens) => answers.get(tokens)!);
}

const isIn = (
  { category_id, amount }: Row,
  { category, minPrice = 0, maxPrice = Infinity }: Filter,
  within: ReadonlySet<string> | null,
): boolean => amount >= minPrice && amount <= maxPrice && (category === undefined || within!.has(category_id ?? ""));

/** Of these entries those that contain the words, of all categories and prices. */
async function readRows(
  db: Db,
  words: readonly Word[],
  { inStock }: Filter,
  seqs: ReadonlySet<number>,
  now: number,
): Promise<Row[]> {
  if (seqs.size === 0) return [];
  return passing(db, inStock === undefined ? {} : { inStock }, now)
    .innerJoin("search_entries as e", "e.product_id", "p.id")
    .innerJoin(entriesIn([...seqs]), (join) => join.on("e.seq", "=", keyNumber))
    .$if(words.length > 0, (one) => one.where(matches("search_text", patterns(words))))
    .clearSelect()
    .select([
      "e.seq",
      "category_id",
      "amount",
      (e) => (inStock ? raw.lit(1) : raw<number>`case when ${isInStock(e)} then 1 else 0 end`).as("sellable"),
    ])
    .execute();
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

/** @param now milliseconds since the epoch */
export async function facets(
  db: Db,
  { q, ...filter }: Filter & { readonly q?: string },
  now: number,
  language?: Language,
) {
  const { category: _, ...anyCategory } = filter;
  const { minPrice: _least, maxPrice: _most, ...anyPrice } = filter;
  const [total, categories, prices] = await byWords(
    db,
    searchWords(q ?? ""),
    (words) => samples(db, words, [filter, anyCategory, anyPrice], now),
    (all) => all.every(({ products }) => products.length === 0),
  );
  const { products, isExact } = total!;
  return {
    total: { count: products.length, isExact },
    categories: await categoriesOf(db, categories!, language),
    prices: { items: priceRanges(prices!.products), isExact: prices!.isExact },
    inStock: { count: products.filter(({ sellable }) => sellable === 1).length, isExact },
  };
}
