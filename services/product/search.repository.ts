/** Finds products by words: through the text index, in the order of ranks, and whatever is not yet in the index. */
import { type RawBuilder, sql as raw } from "kysely";
import { isPostgres } from "#mixins/database/locking.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { type Db, sql } from "./product.tables.ts";
import { differsByOne, type Expression, havingAll, patterns, variantsOf, type Word, wordOf } from "./search.model.ts";

/** An entry's place without so many bits is its segment (migration 0013). */
const SEGMENT = 14;

const listGuesses = sql((q, p: { variants: string }) =>
  q
    .selectFrom(rowsIn(p.variants))
    .innerJoin("search_words", "variant", "given.key")
    .select("word")
    .distinct()
    .orderBy("word"),
);

/** What one of the patterns of each group matches. */
export const matches = (column: string, groups: readonly (readonly string[])[]): RawBuilder<boolean> =>
  raw<boolean>`(${raw.join(
    groups.map(
      (group) =>
        raw`(${raw.join(
          group.map((pattern) => raw`${raw.ref(column)} like ${pattern} escape '\\'`),
          raw` or `,
        )})`,
    ),
    raw` and `,
  )})`;

/** These tokens as the index has them of the entries of `segment`. */
const keysOf = (tokens: readonly number[]) =>
  raw`search_keys(cast(${`{${tokens.join(",")}}`} as integer[]), segment << ${raw.lit(SEGMENT)})`;
const keys = raw`search_keys(tokens, seq)`;

/** All that must be there is one condition, which PostgreSQL answers from the rarest on. */
function postgresCondition(expression: Expression): RawBuilder<boolean> {
  const all = expression.flatMap((group) => (group.length === 1 ? group[0]! : []));
  const some = expression.filter((group) => group.length !== 1);
  const conditions = some.map((group) =>
    group.every((one) => one.length === 1)
      ? raw`${keys} && ${keysOf(group.flat())}`
      : raw`(${raw.join(
          group.map((one) => raw`${keys} @> ${keysOf(one)}`),
          raw` or `,
        )})`,
  );
  const each = all.length > 0 ? [raw`${keys} @> ${keysOf(all)}`, ...conditions] : conditions;
  return raw<boolean>`(${raw.join(each, raw` and `)})`;
}

const sqliteCondition = (expression: Expression): string =>
  expression.map((group) => `(${group.map((one) => `(${one.map(wordOf).join(" AND ")})`).join(" OR ")})`).join(" AND ");

/** What is looked for in the index. */
export interface Look {
  readonly tokens: Expression;
  /** The place of the last entry that is known already. */
  readonly before: number | null;
  readonly limit: number;
}

const END = Number.MAX_SAFE_INTEGER;

/** The newest entries, which need no index of texts. */
const newest = (db: Db, { before, limit }: Look) =>
  db.query
    .selectFrom("search_entries")
    .select("seq")
    .where("seq", "<", before ?? END)
    .orderBy("seq", "desc")
    .limit(limit);

/**
 * PostgreSQL's index gives all that it finds, in no order, so it is asked segment by segment until there are enough. It must
 * not walk through entries instead, and cannot in the order of an expression.
 */
const postgresEntries = ({ tokens, before, limit }: Look) => raw`
  select found.seq
  from generate_series((select max(seq) from search_entries where seq < ${before ?? END}) >> ${raw.lit(SEGMENT)}, 0, -1) as segment
  cross join lateral (
    select seq from search_entries where ${postgresCondition(tokens)} and seq < ${before ?? END} order by seq + 0 desc limit ${limit}
  ) as found
  limit ${limit}`;

const sqliteEntries = (db: Db, { tokens, before, limit }: Look) =>
  db.query
    .selectFrom("search_index")
    .select("rowid as seq")
    .where(raw<boolean>`search_index match ${sqliteCondition(tokens)}`)
    .where("rowid", "<", before ?? END)
    .orderBy("rowid", "desc")
    .limit(limit);

function entriesOf(db: Db, look: Look) {
  if (look.tokens.length === 0) return newest(db, look);
  return isPostgres(db.query) ? postgresEntries(look) : sqliteEntries(db, look);
}

/** For each of the looks the entries that have the tokens, newest first. All are asked for in one statement. */
export async function hitsOf(db: Db, looks: readonly Look[]): Promise<number[][]> {
  const parts = looks.flatMap((look, at) =>
    look.tokens.some((group) => group.length === 0)
      ? []
      : [raw`select ${raw.lit(at)} as look, seq from (${entriesOf(db, look)}) as found`],
  );
  if (parts.length === 0) return looks.map(() => []);
  const asked = raw<{ look: number; seq: number }>`${raw.join(parts, raw` union all `)}`;
  const { rows } = await asked.execute(db.query);
  const found = Map.groupBy(rows, ({ look }) => look);
  // Nothing says in which order the parts of a union come.
  return looks.map((_, at) => (found.get(at) ?? []).map(({ seq }) => seq).toSorted((a, b) => b - a));
}

/** Entries that have the tokens, newest first. */
export async function hits(db: Db, tokens: Expression, limit: number): Promise<number[]> {
  const [found] = await hitsOf(db, [{ tokens, before: null, limit }]);
  return found!;
}

/** These entries as a table called `given`, whose key is the place of an entry. */
export const entriesIn = (seqs: readonly number[]) => rowsIn(rowsText(seqs.map((seq) => [seq, 0])));
export const keyNumber = raw<number>`cast(given.key as bigint)`;

/** How many hits are looked at to learn whether any product has a word. */
const LOOKED_AT = 200;
/** Words that a misspelt one may have been meant to be. */
const MOST_GUESSES = 16;

async function isFound(db: Db, word: Word): Promise<boolean> {
  const seqs = await hits(db, havingAll(word), LOOKED_AT);
  if (seqs.length === LOOKED_AT) return true;
  const found = await db.query
    .selectFrom(entriesIn(seqs))
    .innerJoin("search_entries as e", (join) => join.on("e.seq", "=", keyNumber))
    .innerJoin("products as p", "p.id", "e.product_id")
    .select("p.id")
    .where(matches("search_text", patterns([word])))
    .limit(1)
    .execute();
  return found.length > 0;
}

async function guessed(db: Db, typed: Word): Promise<Word> {
  const [word] = typed;
  const variants = variantsOf(word);
  const rows = await db.all(listGuesses, { variants: rowsText(variants.map((one) => [one, 0])) });
  const meant = rows.map((row) => row.word).filter((one) => differsByOne(word, one));
  // Few mistake the first letter.
  const likely = meant.toSorted((a, b) => Number(b[0] === word[0]) - Number(a[0] === word[0])).slice(0, MOST_GUESSES);
  return likely.length > 0 ? (likely as [string, ...string[]]) : typed;
}

/** A word that no product has is taken for those that differ from it by one letter. Null when all are as they were typed. */
async function spelt(db: Db, words: readonly Word[]): Promise<readonly Word[] | null> {
  const meant = await Promise.all(
    words.map(async (word) =>
      variantsOf(word[0]).length === 0 || (await isFound(db, word)) ? word : guessed(db, word),
    ),
  );
  return meant.some((word, at) => word !== words[at]) ? meant : null;
}

/** Reads by the words as they were typed. Only when they find nothing, it is asked what they were meant to be. */
export async function byWords<T>(
  db: Db,
  words: readonly Word[],
  read: (words: readonly Word[]) => Promise<T>,
  isNothing: (answer: T) => boolean,
): Promise<T> {
  const answer = await read(words);
  const meant = words.length > 0 && isNothing(answer) ? await spelt(db, words) : null;
  return meant ? read(meant) : answer;
}

/** Ids of products whose entries are missing or old, and that contain the words. */
export async function unindexed(db: Db, words: readonly Word[], limit: number): Promise<string[]> {
  const rows = await db.query
    .selectFrom("products")
    .select("id")
    .where("indexed", "<>", (e) => e.ref("version"))
    .where("archived_at", "is", null)
    .where("parent_id", "is", null)
    .$if(words.length > 0, (found) => found.where(matches("search_text", patterns(words))))
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
