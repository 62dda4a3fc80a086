/** Carts of customers, and of guests who have a token. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("carts")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.unique())
    .addColumn("token_hash", "text", (column) => column.unique())
    .addColumn("currency", "text")
    .addColumn("changed_at", "bigint", (column) => column.notNull())
    .addColumn("abandoned_at", "bigint")
    .addColumn("version", "bigint", (column) => column.notNull())
    .addCheckConstraint("carts_have_one_holder", sql`(user_id is null) <> (token_hash is null)`)
    .execute();
  await db.schema.createIndex("carts_by_change").on("carts").column("changed_at").execute();
  await db.schema
    .createIndex("carts_to_remind_of")
    .on("carts")
    .column("changed_at")
    .where(sql<boolean>`user_id is not null and currency is not null and abandoned_at is null`)
    .execute();

  await db.schema
    .createTable("cart_items")
    .addColumn("cart_id", "text", (column) => column.notNull().references("carts.id").onDelete("cascade"))
    .addColumn("product_id", "text", (column) => column.notNull())
    .addColumn("quantity", "integer", (column) => column.notNull().check(sql`quantity between 0 and 1000`))
    .addColumn("unit_price", "bigint", (column) => column.notNull())
    .addColumn("added", "bigint", (column) => column.notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("cart_items_pk", ["cart_id", "product_id"])
    .execute();
}
