/** What becomes of each unit of an order after it is confirmed: parcels, cancellations in part, returns and refunds. */
import { type Kysely, sql } from "kysely";

/** How many units of a line are in each state, and what must hold of them, whatever a node does. */
const counts = {
  packed: sql`packed >= 0`,
  cancelled: sql`cancelled >= 0 and packed + cancelled <= quantity`,
  shipped: sql`shipped between 0 and packed`,
  delivered: sql`delivered >= 0`,
  lost: sql`lost >= 0 and delivered + lost <= shipped`,
  claimed: sql`claimed between 0 and delivered`,
  returned: sql`returned between 0 and claimed`,
} as const;

export async function up(db: Kysely<never>): Promise<void> {
  for (const [count, rule] of Object.entries(counts))
    await db.schema
      .alterTable("order_items")
      .addColumn(count, "integer", (column) => column.notNull().defaultTo(0).check(rule))
      .execute();
  // 1 from the request to cancel the order until it is cancelled: nothing is packed or sent any more.
  await db.schema
    .alterTable("orders")
    .addColumn("closing", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
  await createShipments(db);
  await createRefunds(db);
}

async function createShipments(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("shipments")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("order_id", "text", (column) => column.notNull().references("orders.id"))
    .addColumn("state", "text", (column) =>
      column.notNull().check(sql`state in ('packed', 'shipped', 'delivered', 'lost')`),
    )
    .addColumn("carrier", "text")
    .addColumn("tracking_number", "text")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("shipped_at", "text", (column) => column.check(sql`(shipped_at is null) = (state = 'packed')`))
    .addColumn("ended_at", "text", (column) => column.check(sql`(ended_at is null) = (state in ('packed', 'shipped'))`))
    .addColumn("version", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("shipments_by_order").on("shipments").columns(["order_id", "id"]).execute();
  await db.schema
    .createIndex("shipments_by_tracking")
    .on("shipments")
    .columns(["tracking_number", "carrier"])
    .where("tracking_number" as never, "is not", null)
    .execute();
  // Carriers use a number again, but never for two parcels that are on their way.
  await db.schema
    .createIndex("shipments_under_way")
    .unique()
    .on("shipments")
    .columns(["tracking_number", "carrier"])
    .where(sql<boolean>`tracking_number is not null and ended_at is null`)
    .execute();

  await db.schema
    .createTable("shipment_items")
    .addColumn("shipment_id", "text", (column) => column.notNull().references("shipments.id").onDelete("cascade"))
    .addColumn("product_id", "text", (column) => column.notNull())
    .addColumn("quantity", "integer", (column) => column.notNull().check(sql`quantity > 0`))
    .addPrimaryKeyConstraint("shipment_items_pk", ["shipment_id", "product_id"])
    .execute();
}

async function createRefunds(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("order_refunds")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("order_id", "text", (column) => column.notNull().references("orders.id"))
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("items", "text", (column) => column.notNull())
    .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn("state", "text", (column) => column.notNull().check(sql`state in ('pending', 'done', 'failed')`))
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("ended_at", "text", (column) => column.check(sql`(ended_at is null) = (state = 'pending')`))
    .execute();
  await db.schema.createIndex("order_refunds_by_order").on("order_refunds").columns(["order_id", "id"]).execute();
}
