/**
 * Addresses of products that people read, with those that they had before. Products from before, and those of a node of the release before, get their address in the background, with their entry of the index.
 */
import { type Kysely, sql } from "kysely";
import { bytewise } from "#mixins/database/migrate.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("product_slugs")
    .addColumn("slug", bytewise(db), (column) => column.primaryKey())
    .addColumn("product_id", "text", (column) => column.notNull().references("products.id"))
    .execute();
  await db.schema.createIndex("product_slugs_by_product").on("product_slugs").column("product_id").execute();
  await db.schema.alterTable("products").addColumn("slug", bytewise(db)).execute();
  await db.schema
    .createIndex("products_by_slug")
    .unique()
    .on("products")
    .column("slug")
    .where(sql<boolean>`slug is not null`)
    .execute();
  await db.schema
    .createIndex("products_without_slug")
    .on("products")
    .column("id")
    .where(sql<boolean>`slug is null and archived_at is null`)
    .execute();
}
