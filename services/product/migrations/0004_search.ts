/**
 * The text index of the catalogue (ADR 0079). Its entries are written in the background, product by product, also for what
 * a node of the release before adds or changes: `indexed` is the version of a product that its entry describes.
 */
import { type Kysely, sql } from "kysely";
import { isPostgres } from "#mixins/database/locking.ts";
import { bytewise, sequence } from "#mixins/database/migrate.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("products")
    .addColumn("indexed", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createIndex("products_not_indexed")
    .on("products")
    .column("id")
    .where(sql<boolean>`indexed <> version`)
    .execute();
  const entries = db.schema
    .createTable("search_entries")
    .addColumn("seq", "integer", sequence(db))
    .addColumn("product_id", "text", (column) => column.notNull().unique().references("products.id"))
    .addColumn("name_text", bytewise(db), (column) => column.notNull());
  if (isPostgres(db)) {
    await entries.addColumn("tokens", sql`integer[]`, (column) => column.notNull()).execute();
    await db.schema.createIndex("search_entries_by_token").on("search_entries").using("gin").column("tokens").execute();
  } else {
    await entries.execute();
    await sql`
      create virtual table search_index
      using fts5(tokens, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii')`.execute(db);
  }
  await db.schema
    .createTable("search_words")
    .addColumn("variant", bytewise(db), (column) => column.notNull())
    .addColumn("word", bytewise(db), (column) => column.notNull())
    .addPrimaryKeyConstraint("search_words_pk", ["variant", "word"])
    .execute();
}
