/**
 * Products that are sold in variants, such as sizes (ADR 0082). A variant is a row of products, so that carts, orders, stock and
 * prices name it as they name any product; `parent_id` is the product that the catalogue shows for it.
 */
import { type Kysely, sql } from "kysely";
import { bytewise } from "#mixins/database/migrate.ts";

export async function up(db: Kysely<never>): Promise<void> {
  // SQLite adds one column at a time.
  const products = db.schema.alterTable("products");
  await products.addColumn("sku", bytewise(db)).execute();
  await products.addColumn("parent_id", "text", (column) => column.references("products.id")).execute();
  await products
    .addColumn("combination", "text", (column) => column.check(sql`(combination is null) = (parent_id is null)`))
    .execute();
  await products
    .addColumn("options", "text", (column) => column.check(sql`options is null or parent_id is null`))
    .execute();
  await db.schema
    .createIndex("products_by_parent")
    .on("products")
    .columns(["parent_id", "id"])
    .where(sql<boolean>`parent_id is not null`)
    .execute();
  await db.schema
    .createIndex("products_by_combination")
    .unique()
    .on("products")
    .columns(["parent_id", "combination"])
    .where(sql<boolean>`parent_id is not null and archived_at is null`)
    .execute();
  await db.schema
    .createIndex("products_by_sku")
    .unique()
    .on("products")
    .column("sku")
    .where(sql<boolean>`sku is not null and archived_at is null`)
    .execute();
  await db.schema
    .createIndex("products_unnamed")
    .on("products")
    .column("id")
    .where(sql<boolean>`slug is null and archived_at is null and parent_id is null`)
    .execute();
  await db.schema.dropIndex("products_without_slug").execute();
}
