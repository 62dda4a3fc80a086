/** Endpoints, what was sent to them, and how each attempt ended. An endpoint is sent an event once, whatever the code does. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("endpoints")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("url", "text", (column) => column.notNull())
    .addColumn("events", "text", (column) => column.notNull())
    .addColumn("description", "text")
    .addColumn("status", "text", (column) => column.notNull().check(sql`status in ('active', 'paused', 'disabled')`))
    .addColumn("secret", "text", (column) => column.notNull())
    .addColumn("former_secret", "text")
    .addColumn("former_until", "bigint", (column) => column.notNull())
    .addColumn("failing_since", "bigint")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .execute();
  await createDeliveries(db);
  await db.schema
    .createTable("attempts")
    .addColumn("delivery_id", "text", (column) => column.notNull().references("deliveries.id").onDelete("cascade"))
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("status", "integer")
    .addColumn("error", "text")
    .addColumn("milliseconds", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("attempts_pk", ["delivery_id", "at"])
    .execute();
}

async function createDeliveries(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("deliveries")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("endpoint_id", "text", (column) => column.notNull().references("endpoints.id").onDelete("cascade"))
    .addColumn("event_id", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("user_id", "text")
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("next_at", "bigint")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addUniqueConstraint("deliveries_once", ["endpoint_id", "event_id"])
    .addCheckConstraint("deliveries_status", sql`status in ('waiting', 'delivered', 'failed')`)
    .addCheckConstraint("deliveries_due", sql`(status = 'waiting') = (next_at is not null)`)
    .execute();
  await db.schema
    .createIndex("deliveries_due_at")
    .on("deliveries")
    .columns(["endpoint_id", "next_at"])
    .where("next_at" as never, "is not", null)
    .execute();
  await db.schema.createIndex("deliveries_endpoint").on("deliveries").columns(["endpoint_id", "id"]).execute();
  await db.schema.createIndex("deliveries_user").on("deliveries").column("user_id").execute();
  await db.schema.createIndex("deliveries_age").on("deliveries").column("created_at").execute();
}
