/**
 * Texts in other languages (ADR 0089): of products, options and their values, and categories, whose ids differ. And what the
 * shop keeps beside a product, as JSON.
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("translations")
    .addColumn("entity_id", "text", (column) => column.notNull())
    .addColumn("field", "text", (column) => column.notNull().check(sql`field in ('name', 'description', 'alt')`))
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("translations_pk", ["entity_id", "field", "language"])
    .execute();
  await db.schema.alterTable("products").addColumn("metadata", "text").execute();
}
