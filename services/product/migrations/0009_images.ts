/**
 * Pictures of products. Their files lie in the storage, named by the hash of what was uploaded, so two products may show one.
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("image_files")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("width", "integer", (column) => column.notNull().check(sql`width > 0`))
    .addColumn("height", "integer", (column) => column.notNull().check(sql`height > 0`))
    .addColumn("touched_at", "bigint", (column) => column.notNull())
    .addColumn("going", "integer", (column) => column.notNull().check(sql`going in (0, 1)`))
    .execute();
  await db.schema.createIndex("image_files_by_age").on("image_files").column("touched_at").execute();
  await db.schema
    .createTable("product_images")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("product_id", "text", (column) => column.notNull().references("products.id"))
    .addColumn("hash", "text", (column) => column.notNull().references("image_files.hash"))
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("alt", "text", (column) => column.notNull())
    .addUniqueConstraint("product_images_once", ["product_id", "hash"])
    .execute();
  await db.schema.createIndex("product_images_by_hash").on("product_images").column("hash").execute();
}
