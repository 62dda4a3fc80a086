/** Lists the catalogue: what is on sale and passes the filters, in an order, page by page. */
import type { Input } from "#core/contract.ts";
import { page, type PageOf } from "#core/cursor.ts";
import type { Language } from "#core/text.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { passing } from "./filter.repository.ts";
import { shown } from "./shown.repository.ts";
import { placeIn } from "./product.model.ts";
import type { Product } from "./catalogue.contract.ts";
import type { Db } from "./product.tables.ts";
import { type Listing, ranked } from "./rank.repository.ts";
import { containing, patterns, searchWords, type Word } from "./search.model.ts";
import { byWords, entriesIn, hits, keyNumber, matches, unindexed } from "./search.repository.ts";

/** The tie-breaking id is of the same table as the sorted column, so that one index serves both. */
const sorts = {
  newest: { column: "created_at", id: "p.id", direction: "desc" },
  price: { column: "amount", id: "r.product_id", direction: "asc" },
  "-price": { column: "amount", id: "r.product_id", direction: "desc" },
  name: { column: "name_key", id: "p.id", direction: "asc" },
} as const;

type Search = Input<"product.list">;

/**
 * A page of the products on sale at `now`, in milliseconds since the epoch. A search with words has the best first, unless
 * it asks for another order.
 * @throws VALIDATION_FAILED for a cursor that is not of this list
 */
export async function list(db: Db, search: Search, now: number, language?: Language): Promise<PageOf<Product>> {
  const typed = searchWords(search.q ?? "");
  const { order, position } = placeIn(search, typed.length > 0);
  const read = (words: readonly Word[]) => {
    const query = { words, filter: search, limit: search.limit ?? 20, position, now, language };
    return order === "relevance" ? ranked(db, query) : sorted(db, order, query);
  };
  return byWords(db, typed, read, ({ items }) => items.length === 0);
}

/** Above so many, products that contain the words are common enough to be met soon in any order. */
const RARE = 5000;

/** The ids of the products that may contain the words; null when they are many, or there are no words. */
async function rare(db: Db, words: readonly Word[]): Promise<readonly string[] | null> {
  if (words.length === 0) return null;
  const [seqs, others] = await Promise.all([hits(db, containing(words), RARE + 1), unindexed(db, words, RARE + 1)]);
  if (seqs.length > RARE || others.length > RARE) return null;
  if (seqs.length === 0) return others;
  const rows = await db.query
    .selectFrom(entriesIn(seqs))
    .innerJoin("search_entries as e", (join) => join.on("e.seq", "=", keyNumber))
    .select("product_id as id")
    .execute();
  return [...rows.map(({ id }) => id), ...others];
}

async function sorted(db: Db, sort: keyof typeof sorts, { words, filter, limit, position, now, language }: Listing) {
  const { column, id, direction } = sorts[sort];
  const few = await rare(db, words);
  const rows = await passing(db, filter, now)
    .$if(words.length > 0, (found) => found.where(matches("search_text", patterns(words))))
    .$if(few !== null, (found) =>
      found.where("p.id", "in", (e) => e.selectFrom(rowsIn(rowsText(few!.map((one) => [one, 0])))).select("given.key")),
    )
    .$if(position !== null, (found) =>
      found.where((e) =>
        e(
          e.refTuple(column, id),
          direction === "asc" ? ">" : "<",
          e.tuple(position![1] as never, position!.at(-1) as string),
        ),
      ),
    )
    .orderBy(column, direction)
    .orderBy(id, direction)
    .select("name_key")
    .limit(limit + 1)
    .execute();
  const products = await shown(db, rows.slice(0, limit), language);
  const byId = new Map(products.map((one) => [one.id, one]));
  return page(
    rows,
    limit,
    ({ id: own }) => byId.get(own)!,
    (row) => [sort, row[column], row.id],
  );
}
