/**
 * Passes many rows as one parameter of one statement. An order may have 1,000 lines, and 1,000 statements would make
 * all others wait. Both databases have `json_each`, whose rows have a `key` and a `value`.
 *
 * @example
 * const find = sql((q, p: { ids: string }) => q.selectFrom(rowsIn(p.ids)).innerJoin("notes", "notes.id", "given.key").selectAll("notes"));
 * await db.all(find, { ids: rowsText(ids.map((id) => [id, 0])) });
 */
import { type RawBuilder, sql } from "kysely";

/** @param rows unique keys with their values */
export const rowsText = (rows: readonly (readonly [key: string | number, value: unknown])[]): string =>
  JSON.stringify(Object.fromEntries(rows));

/** The text of `rowsText` as a table called `given`. */
export const rowsIn = (text: string) => sql<{ key: string }>`json_each(${text})`.as<"given">(sql`given`);

/** A row's value that is an integer. PostgreSQL has it as JSON, SQLite as a number. */
export const integerValue: RawBuilder<number> = sql`cast(cast(given.value as text) as integer)`;

/** An item of a row's value that is a list. */
export const textAt = (index: number): RawBuilder<string> => sql`(given.value ->> ${sql.lit(index)})`;
export const integerAt = (index: number): RawBuilder<number> => sql`cast(given.value ->> ${sql.lit(index)} as bigint)`;

/** A field of a row's value that is an object. */
export const textField = (name: string): RawBuilder<string> => sql`given.value ->> ${sql.lit(name)}`;
export const integerField = (name: string): RawBuilder<number> => sql`cast(given.value ->> ${sql.lit(name)} as bigint)`;
