/**
 * Many rows as one parameter of one statement: an order may have 1,000 lines, and as many statements would keep everybody else
 * waiting. Both databases have `json_each`, whose rows have a `key` and a `value`.
 *
 * @example
 * const find = sql((q, p: { ids: string }) => q.selectFrom(rowsIn(p.ids)).innerJoin("notes", "notes.id", "given.key").selectAll("notes"));
 * await db.all(find, { ids: rowsText(ids.map((id) => [id, 0])) });
 */
import { type RawBuilder, sql } from "kysely";

/** @param rows keys, none of them twice, with their values */
export const rowsText = (rows: readonly (readonly [key: string | number, value: unknown])[]): string =>
  JSON.stringify(Object.fromEntries(rows));

/** What `rowsText` made as a table called `given`. */
export const rowsIn = (text: string) => sql<{ key: string }>`json_each(${text})`.as<"given">(sql`given`);

/** The value of a row that is an integer. To PostgreSQL it is JSON, and to SQLite a number already. */
export const integerValue: RawBuilder<number> = sql`cast(cast(given.value as text) as integer)`;

/** A field of the value of a row that is an object. */
export const textField = (name: string): RawBuilder<string> => sql`given.value ->> ${sql.lit(name)}`;
export const integerField = (name: string): RawBuilder<number> => sql`cast(given.value ->> ${sql.lit(name)} as bigint)`;
