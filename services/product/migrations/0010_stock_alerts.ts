/**
 * When stock runs low, is sold out, and comes back. `stage` is what was told last; `alert_at` marks a level that is at another
 * stage, in the statement that brought it there.
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  // SQLite adds one column at a time.
  const levels = db.schema.alterTable("stock_levels");
  await levels.addColumn("low_at", "integer", (column) => column.check(sql`low_at >= 0`)).execute();
  await levels
    .addColumn("stage", "text", (column) =>
      column
        .notNull()
        .defaultTo("enough")
        .check(sql`stage in ('enough', 'low', 'out')`),
    )
    .execute();
  await levels.addColumn("alert_at", "bigint").execute();
  await sql`update stock_levels set stage = 'out' where on_hand <= held`.execute(db);
  await db.schema
    .createIndex("stock_levels_by_alert")
    .on("stock_levels")
    .column("alert_at")
    .where(sql<boolean>`alert_at is not null`)
    .execute();
  await db.schema
    .createIndex("stock_levels_short")
    .on("stock_levels")
    .column("product_id")
    .where(sql<boolean>`stage <> 'enough'`)
    .execute();
}
