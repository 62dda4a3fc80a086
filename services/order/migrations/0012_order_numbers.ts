/** Numbers that people can say. Orders that are there already get theirs from a job, in small transactions. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("order_numbers")
    .addColumn("year", "integer", (column) => column.primaryKey())
    .addColumn("next", "bigint", (column) => column.notNull().check(sql`next > 0`))
    .execute();
  await db.schema.alterTable("orders").addColumn("number", "text").execute();
  await db.schema.createIndex("orders_by_number").unique().on("orders").column("number").execute();
  await db.schema
    .createIndex("orders_unnumbered")
    .on("orders")
    .column("id")
    .where("number" as never, "is", null)
    .execute();
}
