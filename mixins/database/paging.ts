/** One page of a list that is in the order of its ids. Ids sort by the time of creation. */
import type { SelectQueryBuilder } from "kysely";
import { decodeCursor, page, type PageOf, type Paging, positions } from "#core/cursor.ts";

/**
 * @param rows the query for all rows of the list, without order and limit
 * @param order newest first by default
 * @throws VALIDATION_FAILED for a cursor that is not of this list
 *
 * @example
 * pageById(db.query.selectFrom("quotes").selectAll().where("user_id", "=", owner), paging, toQuote)
 */
export async function pageById<DB, Table extends keyof DB, Row extends { readonly id: string }, Item>(
  rows: SelectQueryBuilder<DB, Table, Row>,
  { cursor, limit = 20 }: Paging,
  toItem: (row: Row) => Item,
  order: "asc" | "desc" = "desc",
): Promise<PageOf<Item>> {
  const after = decodeCursor(cursor, positions.id);
  const found = await (rows as unknown as SelectQueryBuilder<{ rows: { id: string } }, "rows", Row>)
    .$if(after !== null, (all) => all.where("id", order === "desc" ? "<" : ">", after![0]))
    .orderBy("id", order)
    .limit(limit + 1)
    .execute();
  return page(found as Row[], limit, toItem, ({ id }) => [id]);
}
