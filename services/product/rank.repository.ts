/**
 * The products that contain the words of a search, best first: those of this name, those whose name begins so, those with
 * the words in their name, and the rest; each newest first. No more are read than a page shows, and those passed over.
 */
import { page, type PageOf } from "#core/cursor.ts";
import type { Language } from "#core/text.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { type Filter, passing, tokensOf } from "./filter.repository.ts";
import type { Position } from "./product.model.ts";
import type { Product } from "./catalogue.contract.ts";
import type { Db } from "./product.tables.ts";
import { containing, type Expression, patterns, type Rank, ranksOf, type Word } from "./search.model.ts";
import { shown } from "./shown.repository.ts";
import { entriesIn, hits, keyNumber, matches, unindexed } from "./search.repository.ts";

/** Hits that are read at once: few at first, for most pages need no more. */
const BATCHES = { first: 64, most: 4096 } as const;
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
  /** The tokens of everything that matches. */
  readonly tokens: Expression;
}

interface Place {
  readonly rank: number;
  readonly seq: number;
}
type Row = Awaited<ReturnType<typeof readBatch>>[number] & Place;

export async function ranked(db: Db, listing: Listing): Promise<PageOf<Product>> {
  const { words, filter, limit, position } = listing;
  const from = position?.[0] === "relevance" ? { rank: position[1], seq: position[2], id: position[3] } : null;
  const tokens = [...containing(words), ...(await tokensOf(db, filter))];
  const query = { ...listing, ranks: ranksOf(words), tokens };
  const rows: Row[] = [];
  for (let rank = from?.rank ?? 0; rank <= REST && rows.length <= limit; rank += 1)
    await readRank(db, query, { rank, seq: rank === from?.rank ? from.seq : null }, rows);
  if (rows.length <= limit) rows.push(...(await readLast(db, query, from?.rank === LAST ? from.id : null)));
  const products = await shown(db, rows.slice(0, limit), listing.language);
  const byId = new Map(products.map((one) => [one.id, one]));
  return page(
    rows,
    limit,
    ({ id: own }) => byId.get(own)!,
    ({ rank, seq, id }) => ["relevance", rank, seq, id],
  );
}

interface Begin {
  readonly rank: number;
  readonly seq: number | null;
}

async function readRank(db: Db, query: Query, { rank, seq }: Begin, rows: Row[]): Promise<void> {
  const own = query.ranks[rank];
  if (rank < REST && !own) return;
  const tokens = own ? [...query.tokens, ...own.tokens] : query.tokens;
  let before = seq;
  for (let size: number = BATCHES.first; rows.length <= query.limit; size = Math.min(size * 4, BATCHES.most)) {
    const seqs = await hits(db, tokens, before, size);
    const found = seqs.length === 0 ? [] : await readBatch(db, query, rank, seqs);
    rows.push(...found.map((row) => ({ ...row, rank })));
    if (seqs.length < size) return;
    before = seqs.at(-1)!;
  }
}

/** Those of the entries that are of this rank, newest first. */
function readBatch(db: Db, { words, ranks, filter, limit, now }: Query, rank: number, seqs: readonly number[]) {
  return passing(db, filter, now)
    .innerJoin("search_entries as e", "e.product_id", "p.id")
    .innerJoin(entriesIn(seqs), (join) => join.on("e.seq", "=", keyNumber))
    .select("e.seq")
    .where("indexed", "=", (e) => e.ref("version"))
    .where(matches("search_text", patterns(words)))
    .$if(rank < ranks.length, (found) => found.where(matches("name_text", ranks[rank]!.patterns)))
    .where((e) => e.not(e.or(ranks.slice(0, rank).map((better) => matches("name_text", better.patterns)))))
    .orderBy("e.seq", "desc")
    .limit(limit + 1)
    .execute();
}

/** Those that are not in the index yet; each node writes their entries within seconds. */
async function readLast(db: Db, { words, filter, limit, now }: Query, before: string | null): Promise<Row[]> {
  const ids = await unindexed(db, words, BATCHES.most);
  if (ids.length === 0) return [];
  const rows = await passing(db, filter, now)
    .innerJoin(rowsIn(rowsText(ids.map((id) => [id, 0]))), "given.key", "p.id")
    .$if(before !== null, (found) => found.where("p.id", "<", before!))
    .orderBy("p.id", "desc")
    .limit(limit + 1)
    .execute();
  return rows.map((row) => ({ ...row, seq: 0, rank: LAST }));
}
