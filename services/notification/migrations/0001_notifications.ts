/** The delivery log, and what people chose about it. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("deliveries")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("event_id", "text", (column) => column.notNull())
    .addColumn("channel", "text", (column) => column.notNull().check(sql`channel in ('email', 'sms', 'push')`))
    .addColumn("template", "text", (column) => column.notNull())
    .addColumn("data", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) =>
      column.notNull().check(sql`status in ('queued', 'sent', 'failed', 'suppressed')`),
    )
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("next_at", "bigint")
    .addColumn("error", "text")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("sent_at", "text")
    .addUniqueConstraint("deliveries_once", ["event_id", "channel"])
    .addCheckConstraint("deliveries_queued", sql`(status = 'queued') = (next_at is not null)`)
    .execute();
  await db.schema
    .createIndex("deliveries_due")
    .on("deliveries")
    .columns(["next_at", "id"])
    .where("next_at" as never, "is not", null)
    .execute();
  await db.schema.createIndex("deliveries_by_user").on("deliveries").columns(["user_id", "id"]).execute();

  const choice = (name: "email" | "sms" | "push") => sql`${sql.ref(name)} in (0, 1)`;
  await db.schema
    .createTable("preferences")
    .addColumn("user_id", "text", (column) => column.primaryKey())
    .addColumn("email", "integer", (column) => column.notNull().check(choice("email")))
    .addColumn("sms", "integer", (column) => column.notNull().check(choice("sms")))
    .addColumn("push", "integer", (column) => column.notNull().check(choice("push")))
    .addColumn("version", "bigint", (column) => column.notNull())
    .execute();

  await db.schema
    .createTable("push_subscriptions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("endpoint", "text", (column) => column.notNull().unique())
    .addColumn("p256dh", "text", (column) => column.notNull())
    .addColumn("auth", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("push_subscriptions_by_user")
    .on("push_subscriptions")
    .columns(["user_id", "id"])
    .execute();
}
