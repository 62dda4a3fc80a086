/** The points that are given back together with the money of a refund in part. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("order_refunds")
    .addColumn("points", "bigint", (column) =>
      column
        .notNull()
        .defaultTo(0)
        .check(sql`points >= 0`),
    )
    .execute();
}
