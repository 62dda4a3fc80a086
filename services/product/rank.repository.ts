/**
 * The products that contain the words of a search, best first: those of this name, those whose name begins so, those with
 * the words in their name, and the rest; each newest first. A few hits of each rank are asked for, which is enough for most
 * pages; then those of which more are needed.
 */
import { type RawBuilder, sql as raw } from "kysely";
import { page, type PageOf } from "#core/cursor.ts";
import type { Language } from "#core/text.ts";
import { integerValue, rowsIn, rowsText } from "#mixins/database/rows.ts";
import { categoriesIn, type Filter, passing, tokensOf } from "./filter.repository.ts";
import type { Position } from "./product.model.ts";
import type { Product } from "./catalogue.contract.ts";
import type { Db } from "./product.tables.ts";
import { containing, type Expression, patterns, type Rank, ranksOf, type Word } from "./search.model.ts";
import { shown } from "./shown.repository.ts";
import { hitsOf, keyNumber, type Look, matches, unindexed } from "./search.repository.ts";

/** Hits that are read at once: few at first, for most pages need no more. */
const BATCHES = { first: 64, next: 256, most: 4096 } as const;
/** The rank of those that only contain the words, and of those that are not in the index yet. */
const [REST, LAST] = [3, 4];

/** What a list is asked for. */
export interface Listing {
  readonly words: readonly Word[];
  readonly filter: Filter;
  readonly limit: number;
  /** Where the page before ended. */
  readonly position: Position | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of the reader, if it is known. */
  readonly language: Language | undefined;
}

interface Query extends Listing {
  readonly ranks: readonly Rank[];
  /** The tokens of the filters. */
  readonly tokens: Expression;
}

/** Where the reading of a rank goes on: behind this place, or from the newest on. */
interface Begin {
  readonly rank: number;
  readonly before: number | null;
}
type Row = Awaited<ReturnType<typeof readRows>>[number];
interface Part {
  readonly rank: number;
  readonly rows: readonly Row[];
  /** Where it goes on; null: all of it was read. */
  readonly next: number | null;
}

export async function ranked(db: Db, listing: Listing): Promise<PageOf<Product>> {
  const { words, filter, limit, position } = listing;
  const from = position?.[0] === "relevance" ? { rank: position[1], seq: position[2], id: position[3] } : null;
  const tokens = tokensOf(filter, await categoriesIn(db, filter));
  const query = { ...listing, ranks: ranksOf(words), tokens };
  const begins = [...query.ranks.keys(), REST]
    .filter((rank) => rank >= (from?.rank ?? 0))
    .map((rank) => ({ rank, before: rank === from?.rank ? from.seq : null }));
  const [parts, others] = await Promise.all([readFirst(db, query, begins), unindexed(db, words, BATCHES.most)]);
  const rows: Row[] = [];
  for (const part of parts) if (rows.length <= limit) await readOn(db, query, part, rows);
  if (rows.length <= limit && others.length > 0)
    rows.push(...(await readLast(db, query, others, from?.rank === LAST ? from.id : null)));
  const products = await shown(db, rows.slice(0, limit), listing.language);
  const byId = new Map(products.map((one) => [one.id, one]));
  return page(
    rows,
    limit,
    ({ id: own }) => byId.get(own)!,
    ({ rank, seq, id }) => ["relevance", rank, seq, id],
  );
}

/** Adds the rows of a rank, and reads on until the page is full. */
async function readOn(db: Db, query: Query, { rank, rows: known, next }: Part, rows: Row[]): Promise<void> {
  rows.push(...known);
  let before = next;
  for (let size: number = BATCHES.next; before !== null && rows.length <= query.limit; size *= 4) {
    const part = await readNext(db, query, { rank, before }, Math.min(size, BATCHES.most));
    rows.push(...part.rows);
    before = part.next;
  }
}

/**
 * The first hits of each rank. All that can be shown contain the words: when those that do are few, they are all hits of every
 * rank, and nothing else is asked for.
 */
async function readFirst(db: Db, query: Query, begins: readonly Begin[]): Promise<Part[]> {
  const limit = BATCHES.first;
  const looks = begins.map((begin) => lookOf(query, begin, limit));
  const [all] = await hitsOf(db, looks.slice(-1));
  const found =
    all!.length < limit
      ? begins.map(({ before }) => all!.filter((seq) => before === null || seq < before))
      : [...(await hitsOf(db, looks.slice(0, -1))), all!];
  return partsOf(db, query, begins, found, limit);
}

/** The next hits of a rank, as many as are given. */
async function readNext(db: Db, query: Query, begin: Begin, limit: number): Promise<Part> {
  const found = await hitsOf(db, [lookOf(query, begin, limit)]);
  const [part] = await partsOf(db, query, [begin], found, limit);
  return part!;
}

const lookOf = ({ ranks, words, tokens }: Query, { rank, before }: Begin, limit: number): Look => ({
  tokens: [...(ranks[rank]?.tokens ?? containing(words)), ...tokens],
  before,
  limit,
});

/** Of the hits of each rank the products that are of the rank. */
async function partsOf(
  db: Db,
  query: Query,
  begins: readonly Begin[],
  found: readonly (readonly number[])[],
  limit: number,
): Promise<Part[]> {
  const ranksBySeq = new Map<number, number>();
  for (const [at, { rank }] of begins.entries())
    for (const seq of found[at]!) ranksBySeq.set(seq, (ranksBySeq.get(seq) ?? 0) | (1 << rank));
  const rows = ranksBySeq.size === 0 ? [] : await readRows(db, query, ranksBySeq);
  return begins.map(({ rank }, at) => ({
    rank,
    rows: rows.filter((row) => row.rank === rank),
    next: found[at]!.length < limit ? null : found[at]!.at(-1)!,
  }));
}

/** A product's rank by its name, which is the best of those that it has. */
const rankIn = (ranks: readonly Rank[]): RawBuilder<number> =>
  ranks.length === 0
    ? raw.lit(REST)
    : raw<number>`case ${raw.join(
        ranks.map((one, rank) => raw`when ${matches("name_text", one.patterns)} then ${raw.lit(rank)}`),
        raw` `,
      )} else ${raw.lit(REST)} end`;

/**
 * The first that a page can show of these entries, best first.
 * @param ranksBySeq for each entry the ranks in whose hits it is, as bits: of another rank, newer ones may be unknown yet
 */
function readRows(db: Db, { words, ranks, filter, limit, now }: Query, ranksBySeq: ReadonlyMap<number, number>) {
  const found = passing(db, filter, now)
    .innerJoin("search_entries as e", "e.product_id", "p.id")
    .innerJoin(rowsIn(rowsText([...ranksBySeq])), (join) => join.on("e.seq", "=", keyNumber))
    .select(["e.seq", rankIn(ranks).as("rank"), integerValue.as("looked")])
    .where("indexed", "=", (e) => e.ref("version"))
    .where(matches("search_text", patterns(words)));
  return db.query
    .selectFrom(found.as("found"))
    .selectAll()
    .where(raw<boolean>`(looked >> rank) & 1 = 1`)
    .orderBy("rank")
    .orderBy("seq", "desc")
    .limit(limit + 1)
    .execute();
}

/** Those that are not in the index yet; each node writes their entries within seconds. */
async function readLast(
  db: Db,
  { filter, limit, now }: Query,
  ids: readonly string[],
  before: string | null,
): Promise<Row[]> {
  const rows = await passing(db, filter, now)
    .innerJoin(rowsIn(rowsText(ids.map((id) => [id, 0]))), "given.key", "p.id")
    .where("indexed", "<>", (e) => e.ref("version"))
    .$if(before !== null, (found) => found.where("p.id", "<", before!))
    .orderBy("p.id", "desc")
    .limit(limit + 1)
    .execute();
  return rows.map((row) => ({ ...row, seq: 0, rank: LAST, looked: 0 }));
}
