/**
 * The text index: an entry for each product on sale, written with the change of the product, or later for what a node of
 * another release has changed. PostgreSQL keeps the tokens as a list of integers, SQLite in its full-text index.
 */
import { type Selectable, sql as raw } from "kysely";
import { isPostgres } from "#mixins/database/locking.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import type { Write } from "#mixins/database/write.ts";
import { readOptions } from "./option.model.ts";
import { type Db, type ProductTables, sql, type Tx } from "./product.tables.ts";
import type { Translation } from "./translation.model.ts";
import * as texts from "./translation.repository.ts";
import * as slugs from "./slug.repository.ts";
import { categoryToken, nameText, nameWords, priceToken, searchText, textTokens, wordOf } from "./search.model.ts";
import { learn } from "./word.repository.ts";

type Row = Selectable<ProductTables["products"]>;

const listStale = sql((q, p: { limit: number }) =>
  q
    .selectFrom("products")
    .select("id")
    .where("indexed", "<>", (e) => e.ref("version"))
    .where("parent_id", "is", null)
    .orderBy("id")
    .limit(p.limit),
);
const listUnnamed = sql((q, p: { limit: number }) =>
  q
    .selectFrom("products")
    .select("id")
    .where("slug", "is", null)
    .where("archived_at", "is", null)
    .where("parent_id", "is", null)
    .orderBy("id")
    .limit(p.limit),
);
/** Locks the products, so that nobody changes them before their entries are stored. */
const takeAll = sql((q, p: { ids: string }) =>
  q
    .updateTable("products")
    .from(rowsIn(p.ids))
    .set((e) => ({ indexed: e.ref("products.version") }))
    .whereRef("products.id", "=", "given.key")
    .returning([
      "products.id as id",
      "products.name as name",
      "products.description as description",
      "products.category_id as category_id",
      "products.archived_at as archived_at",
      "products.slug as slug",
      "products.sku as sku",
      "products.options as options",
    ]),
);
const listVariantSkus = sql((q, p: { ids: string }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("products", "products.parent_id", "given.key")
    .select(["products.parent_id as parent_id", "products.sku as sku"])
    .where("archived_at", "is", null),
);
const listAmounts = sql((q, p: { ids: string; now: number }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("prices", "prices.product_id", "given.key")
    .select(["product_id", "amount"])
    .where((e) => e.or([e("ends_at", "is", null), e("ends_at", ">", p.now)])),
);
const setText = sql((q, p: Pick<Row, "id" | "search_text">) =>
  q
    .updateTable("products")
    .set((e) => ({ search_text: p.search_text, indexed: e.ref("version") }))
    .where("id", "=", p.id),
);
const putEntry = sql((q, p: Pick<Entry, "product_id" | "name_text"> & { tokens: string }) =>
  isPostgres(q)
    ? q
        .insertInto("search_entries")
        .values({ product_id: p.product_id, name_text: p.name_text, tokens: raw`cast(${p.tokens} as integer[])` })
        .onConflict((one) =>
          one.column("product_id").doUpdateSet((e) => ({
            name_text: e.ref("excluded.name_text"),
            tokens: e.ref("excluded.tokens"),
          })),
        )
    : q
        .insertInto("search_entries")
        .values({ product_id: p.product_id, name_text: p.name_text })
        .onConflict((one) => one.column("product_id").doUpdateSet({ name_text: p.name_text })),
);
const entryOf = (id: string) => raw`(select seq from search_entries where product_id = ${id})`;
const putTokens = sql((q, p: { product_id: string; tokens: string }) =>
  q
    .replaceInto("search_index" as never)
    .columns(["rowid", "tokens"] as never)
    .expression(
      q
        .selectFrom("search_entries")
        .select((e) => ["seq", e.val(p.tokens).as("tokens")])
        .where("product_id", "=", p.product_id),
    ),
);
const removeTokens = sql((q, p: { product_id: string }) =>
  q.deleteFrom("search_index").where("rowid", "=", entryOf(p.product_id) as never),
);
const removeEntry = sql((q, p: { product_id: string }) =>
  q.deleteFrom("search_entries").where("product_id", "=", p.product_id),
);
type Entry = ProductTables["search_entries"];
type Taken = Pick<Row, "id" | "name" | "description" | "category_id" | "archived_at" | "slug" | "sku" | "options">;
type Amounts = readonly { amount: number }[];
type Skus = readonly { sku: string | null }[];

/** Products whose entries are missing or older than they are, and those without an address. */
export async function stale(db: Db, limit: number): Promise<string[]> {
  const [old, unnamed] = [await db.all(listStale, { limit }), await db.all(listUnnamed, { limit })];
  return [...new Set([...old, ...unnamed].map(({ id }) => id))].slice(0, limit);
}

/**
 * Writes the entries of these products, as the last that a transaction does with them.
 * @param now milliseconds since the epoch
 */
export async function index(tx: Tx, ids: readonly string[], now: number): Promise<void> {
  const given = rowsText(ids.toSorted().map((id) => [id, 0]));
  const [{ rows: taken }, { rows: prices }, { rows: skus }] = await tx.ask(
    takeAll.with({ ids: given }),
    listAmounts.with({ ids: given, now }),
    listVariantSkus.with({ ids: given }),
  );
  const translated = await texts.list(tx, taken.flatMap(texts.idsIn));
  const amounts = Map.groupBy(prices, ({ product_id }) => product_id);
  const variants = Map.groupBy(skus, ({ parent_id }) => parent_id!);
  const words = taken.map((row) => wordsOf(row, variants.get(row.id) ?? [], translated));
  for (const [at, row] of taken.entries())
    tx.add(...(row.archived_at === null ? entry(tx, row, amounts.get(row.id) ?? [], words[at]!) : removal(tx, row.id)));
  await slugs.assign(
    tx,
    taken.filter(({ slug, archived_at }) => slug === null && archived_at === null),
  );
  await learn(tx, nameWords(words.flatMap(({ names }) => names)));
}

/** A product that this transaction has added, with what stands beside it. */
export interface Introduced extends Omit<Taken, "archived_at" | "options"> {
  readonly amount: number;
  readonly translations: readonly Translation[];
}

/** The same for products that are new: nothing of them has to be read or changed. */
export async function introduce(tx: Tx, added: readonly Introduced[]): Promise<void> {
  const words = added.map((row) => wordsOf({ ...row, options: null }, [], row.translations));
  for (const [at, row] of added.entries()) tx.add(...entry(tx, row, [row], words[at]!));
  await slugs.assign(
    tx,
    added.filter(({ slug }) => slug === null),
  );
  await learn(tx, nameWords(words.flatMap(({ names }) => names)));
}

/** What else a product is found by: SKUs, also those of its variants, and the values of its options. */
const wordsBeside = ({ sku, options }: Pick<Taken, "sku" | "options">, variants: Skus): string[] => [
  ...[{ sku }, ...variants].flatMap((one) => one.sku ?? []),
  ...readOptions(options).flatMap(({ values }) => values.map(({ value }) => value)),
];

interface Words {
  /** What it is called, in all languages. */
  readonly names: readonly string[];
  /** Whatever else it is found by. */
  readonly texts: readonly string[];
}

function wordsOf(row: Omit<Taken, "archived_at">, variants: Skus, translated: readonly Translation[]): Words {
  const ids = new Set(texts.idsIn(row));
  const own = translated.filter(({ entity_id }) => ids.has(entity_id));
  const isName = ({ entity_id, field }: Translation) => entity_id === row.id && field === "name";
  const textsIn = (some: readonly Translation[]) => some.map(({ text }) => text);
  return {
    names: [row.name, ...textsIn(own.filter(isName))],
    texts: [row.description, ...wordsBeside(row, variants), ...textsIn(own.filter((one) => !isName(one)))],
  };
}

function entry(tx: Tx, row: Pick<Taken, "id" | "category_id">, prices: Amounts, words: Words): readonly Write[] {
  const { id, category_id } = row;
  const tokens = textTokens(words.names, words.texts);
  if (category_id !== null) tokens.add(categoryToken(category_id));
  for (const { amount } of prices) tokens.add(priceToken(amount));
  const product = { product_id: id, name_text: nameText(words.names) };
  const text = setText.with({ id, search_text: searchText(...words.names, ...words.texts) });
  if (isPostgres(tx.query)) return [text, putEntry.with({ ...product, tokens: `{${[...tokens].join(",")}}` })];
  const terms = Array.from(tokens, wordOf).join(" ");
  return [text, putEntry.with({ ...product, tokens: "" }), putTokens.with({ product_id: id, tokens: terms })];
}

const removal = (tx: Tx, product_id: string): readonly Write[] => [
  ...(isPostgres(tx.query) ? [] : [removeTokens.with({ product_id })]),
  removeEntry.with({ product_id }),
];
