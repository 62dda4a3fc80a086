/**
 * Words of names, to which the spelling of searches is corrected. A word that is in no name any more is marked, and removed if
 * that is still so a while later. A transaction that stored a product with the word and did not see the mark has ended by then.
 */
import { type Kysely, sql as raw } from "kysely";
import { rowsIn, rowsText, textAt } from "#mixins/database/rows.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Write } from "#mixins/database/write.ts";
import { type ProductTables, sql, type Tx } from "./product.tables.ts";
import { nameToken, variantsOf } from "./search.model.ts";
import { hitsOf } from "./search.repository.ts";

/** Longer than any transaction, in milliseconds. */
const WHILE = 600_000;
/** Rows of one step. On SQLite everybody else's changes wait for it. */
const STEP = 500;

interface Place {
  readonly variant: string;
  readonly word: string;
}
const FIRST: Place = { variant: "", word: "" };

const pairsIn = (q: Kysely<ProductTables>, text: string) =>
  q.selectFrom(rowsIn(text)).select([textAt(0).as("variant"), textAt(1).as("word")]);

const listKnown = sql((q, p: { words: string }) =>
  q
    .selectFrom(rowsIn(p.words))
    .innerJoin("search_words", "variant", "given.key")
    .select("given.key as variant")
    .whereRef("word", "=", textAt(0))
    .where("unused_since", "is", null),
);
const addWords = sql((q, p: { variants: string }) =>
  q
    .insertInto("search_words")
    .columns(["variant", "word"])
    .expression(
      q
        .selectFrom(rowsIn(p.variants))
        .select([textAt(0).as("variant"), textAt(1).as("word")])
        // Without it SQLite takes the ON of the conflict for one of a join.
        .where(raw<boolean>`true`),
    )
    .onConflict((one) => one.columns(["variant", "word"]).doUpdateSet({ unused_since: null })),
);
const listFrom = sql((q, p: Place & { limit: number }) =>
  q
    .selectFrom("search_words")
    .select(["variant", "word", "unused_since"])
    .where((e) => e(e.refTuple("variant", "word"), ">", e.tuple(p.variant, p.word)))
    .orderBy("variant")
    .orderBy("word")
    .limit(p.limit),
);
const mark = sql((q, p: { variants: string; since: number | null }) =>
  q
    .updateTable("search_words")
    .set({ unused_since: p.since })
    .where((e) => e(e.refTuple("variant", "word"), "in", pairsIn(q, p.variants) as never)),
);
const remove = sql((q, p: { variants: string; before: number }) =>
  q
    .deleteFrom("search_words")
    .where((e) => e(e.refTuple("variant", "word"), "in", pairsIn(q, p.variants) as never))
    .where("unused_since", "<=", p.before),
);

/** All rows of these words. Sorted, so that two transactions hardly ever wait for each other. */
function variantRows(words: readonly string[]): string {
  const rows = words.flatMap((word) => variantsOf(word).map((variant) => [variant, word] as const));
  const sorted = rows.toSorted(([a, x], [b, y]) => (a + x < b + y ? -1 : 1));
  return rowsText(sorted.map((row, position) => [position, row]));
}

/** Keeps the words of names. */
export async function learn(tx: Tx, words: readonly string[]): Promise<void> {
  const guessed = words.flatMap((word) => {
    const [units] = variantsOf(word);
    return units === undefined ? [] : [[units, [word]] as const];
  });
  const known = new Set((await tx.all(listKnown, { words: rowsText(guessed) })).map(({ variant }) => variant));
  const fresh = guessed.filter(([units]) => !known.has(units)).flatMap(([, [word]]) => word);
  if (fresh.length > 0) tx.add(addWords.with({ variants: variantRows(fresh) }));
}

/** Those of the words that are in no name. */
async function unusedOf(db: Database<ProductTables>, words: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await hitsOf(
    db,
    words.map((word) => ({ tokens: [[[nameToken(word)]]], before: null, limit: 1 })),
  );
  return new Set(words.filter((_, at) => found[at]!.length === 0));
}

/**
 * Looks at some words after a place.
 * @param now milliseconds since the epoch
 * @returns where it goes on; null: those were the last
 */
async function forgetSome(db: Database<ProductTables>, after: Place, now: number): Promise<Place | null> {
  const rows = await db.all(listFrom, { ...after, limit: STEP });
  const whole = rows.filter(({ variant, word }) => variantsOf(word)[0] === variant);
  const unused = await unusedOf(
    db,
    whole.map(({ word }) => word),
  );
  const wordsOf = (isOne: (since: number | null, isUnused: boolean) => boolean) =>
    whole.filter(({ word, unused_since }) => isOne(unused_since, unused.has(word))).map(({ word }) => word);
  const writes: Write[] = [
    mark.with({ variants: variantRows(wordsOf((since, isUnused) => isUnused && since === null)), since: now }),
    mark.with({ variants: variantRows(wordsOf((since, isUnused) => !isUnused && since !== null)), since: null }),
    remove.with({
      variants: variantRows(wordsOf((since, isUnused) => isUnused && since !== null && since <= now - WHILE)),
      before: now - WHILE,
    }),
  ];
  await db.write(async (tx) => tx.add(...writes));
  return rows.length < STEP ? null : rows.at(-1)!;
}

/** Marks words that are in no name any more, and removes those that were marked a while ago. */
export async function forget(db: Database<ProductTables>, now: () => number, signal: AbortSignal): Promise<void> {
  for (let place: Place | null = FIRST; place !== null; place = await forgetSome(db, place, now()))
    signal.throwIfAborted();
}
