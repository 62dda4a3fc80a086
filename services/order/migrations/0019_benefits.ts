/** What coupons and points pay of an order. The subtotal and the shipping of its row are what is left after coupons. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  for (const column of ["discount", "points"])
    await db.schema
      .alterTable("orders")
      .addColumn(column, "bigint", (one) => one.check(sql`${sql.ref(column)} >= 0`))
      .execute();
  await db.schema
    .alterTable("orders")
    // What the provider is asked for; null for the total.
    .addColumn("payable", "bigint", (one) => one.check(sql`payable between 0 and total`))
    .execute();
  // JSON.
  await db.schema.alterTable("orders").addColumn("coupons", "text").execute();
  await db.schema.alterTable("quotes").addColumn("benefits", "text").execute();
  await db.schema
    .alterTable("order_items")
    .addColumn("discount", "bigint", (one) => one.check(sql`discount between 0 and line_total`))
    .execute();
}
