/**
 * Names are searched and sorted without case and accents, by the same bytes on both databases. A node of the release
 * before does not know `name_key`, so the products that it adds come first in the order of names until they are edited.
 */
import type { Kysely } from "kysely";
import { sortKey } from "#core/folding.ts";
import { bytewise, fill } from "#mixins/database/migrate.ts";
import { searchText } from "../search.model.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("products")
    .addColumn("name_key", bytewise(db), (column) => column.notNull().defaultTo(""))
    .execute();
  await fill(db, { table: "products", column: "name_key", from: ["name"] }, ({ name }) => sortKey(name!));
  await fill(db, { table: "products", column: "search_text", from: ["name", "description"] }, ({ name, description }) =>
    searchText(name!, description!),
  );
  await db.schema.createIndex("products_by_name_key").on("products").columns(["name_key", "id"]).execute();
}
