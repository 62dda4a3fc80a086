/** Categories, products, prices, stock with its ledger, and reservations. */
import { type Kysely, sql } from "kysely";
import { sequence } from "#mixins/database/migrate.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createCatalogue(db);
  await createPrices(db);
  await createStock(db);
  await createReservations(db);
}

async function createCatalogue(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("categories")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("key", "text", (column) => column.unique())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("parent_id", "text", (column) => column.references("categories.id").check(sql`parent_id <> id`))
    .addColumn("version", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("categories_by_parent").on("categories").column("parent_id").execute();

  await db.schema
    .createTable("products")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("key", "text", (column) => column.unique())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("description", "text", (column) => column.notNull())
    .addColumn("search_text", "text", (column) => column.notNull())
    .addColumn("category_id", "text", (column) => column.references("categories.id"))
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("tax_rate", "integer", (column) => column.notNull().check(sql`tax_rate between 0 and 10000`))
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("archived_at", "text")
    .addColumn("version", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("products_by_age").on("products").columns(["created_at", "id"]).execute();
  await db.schema.createIndex("products_by_name").on("products").columns(["name", "id"]).execute();
  await db.schema.createIndex("products_by_category").on("products").column("category_id").execute();
}

async function createPrices(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("prices")
    .addColumn("product_id", "text", (column) => column.notNull().references("products.id"))
    .addColumn("starts_at", "bigint", (column) => column.notNull())
    .addColumn("ends_at", "bigint", (column) => column.check(sql`ends_at > starts_at`))
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn("set_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("prices_pk", ["product_id", "starts_at"])
    .execute();
  await db.schema.createIndex("prices_by_amount").on("prices").columns(["amount", "product_id"]).execute();
  await db.schema
    .createIndex("prices_last")
    .unique()
    .on("prices")
    .column("product_id")
    .where("ends_at" as never, "is", null)
    .execute();
}

async function createStock(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("stock_levels")
    .addColumn("product_id", "text", (column) => column.primaryKey().references("products.id"))
    .addColumn("on_hand", "bigint", (column) => column.notNull().check(sql`on_hand >= 0`))
    .addColumn("held", "bigint", (column) => column.notNull().check(sql`held >= 0`))
    .addCheckConstraint("stock_levels_sellable", sql`on_hand - held >= 0`)
    .execute();

  await db.schema
    .createTable("movements")
    .addColumn("seq", "integer", sequence(db))
    .addColumn("product_id", "text", (column) => column.notNull().references("stock_levels.product_id"))
    .addColumn("kind", "text", (column) =>
      column
        .notNull()
        .check(sql`kind in ('initial', 'adjustment', 'reserve', 'release', 'expire', 'commit', 'return')`),
    )
    .addColumn("on_hand_change", "integer", (column) => column.notNull())
    .addColumn("held_change", "integer", (column) => column.notNull())
    .addColumn("order_id", "text")
    .addColumn("reason", "text")
    .addColumn("at", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("movements_by_product").on("movements").columns(["product_id", "seq"]).execute();
}

async function createReservations(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("reservations")
    .addColumn("order_id", "text", (column) => column.primaryKey())
    .addColumn("state", "text", (column) =>
      column.notNull().check(sql`state in ('held', 'committed', 'released', 'expired')`),
    )
    .addColumn("request_hash", "text")
    .addColumn("expires_at", "bigint")
    .addCheckConstraint("reservations_expiry", sql`(state = 'held') = (expires_at is not null)`)
    .execute();
  await db.schema
    .createIndex("reservations_by_expiry")
    .on("reservations")
    .column("expires_at")
    .where("expires_at" as never, "is not", null)
    .execute();

  await db.schema
    .createTable("reservation_items")
    .addColumn("order_id", "text", (column) => column.notNull().references("reservations.order_id"))
    .addColumn("product_id", "text", (column) => column.notNull().references("stock_levels.product_id"))
    .addColumn("quantity", "integer", (column) => column.notNull().check(sql`quantity > 0`))
    .addPrimaryKeyConstraint("reservation_items_pk", ["order_id", "product_id"])
    .execute();
}
