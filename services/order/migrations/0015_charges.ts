/** Taxes by country and fees of shipping, and what of them an order was charged. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  for (const column of ["subtotal", "shipping", "tax"] as const)
    await db.schema
      .alterTable("orders")
      .addColumn(column, "bigint", (one) => one.check(sql`${sql.ref(column)} >= 0`))
      .execute();
  await db.schema
    .alterTable("orders")
    .addColumn("added_tax", "bigint", (one) => one.check(sql`total = subtotal + shipping + added_tax`))
    .execute();
  for (const column of ["taxes", "shipping_rule"])
    await db.schema.alterTable("orders").addColumn(column, "text").execute();
  for (const column of ["tax_rate", "tax_included"])
    await db.schema.alterTable("order_items").addColumn(column, "integer").execute();
  for (const column of ["country", "charges"]) await db.schema.alterTable("quotes").addColumn(column, "text").execute();

  await db.schema
    .createTable("tax_rates")
    .addColumn("country", "text", (column) => column.notNull())
    // The products' own rate for which it is; -1 for all others.
    .addColumn("home_rate", "integer", (column) => column.notNull())
    .addColumn("rate", "integer", (column) => column.notNull().check(sql`rate between 0 and 10000`))
    .addColumn("included", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("tax_rates_pk", ["country", "home_rate"])
    .execute();

  await db.schema
    .createTable("shipping_rules")
    .addColumn("currency", "text", (column) => column.notNull())
    // Empty for every country that has no rule of its own.
    .addColumn("country", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("steps", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("shipping_rules_pk", ["currency", "country"])
    .execute();
}
