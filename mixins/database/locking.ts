/** Row locks. SQLite neither has nor needs them, because it runs one transaction at a time. */
import { type Kysely, PostgresAdapter, type RawBuilder, type SelectQueryBuilder, sql } from "kysely";

export const isPostgres = <DB>(q: Kysely<DB>): boolean => q.getExecutor().adapter instanceof PostgresAdapter;

/** Locks the rows that are read, and skips those that others have locked, so that workers share a queue. */
export const skipLocked = <DB, Table extends keyof DB, Row>(
  q: Kysely<DB>,
  query: SelectQueryBuilder<DB, Table, Row>,
): SelectQueryBuilder<DB, Table, Row> => (isPostgres(q) ? query.forUpdate().skipLocked() : query);

/**
 * True for rows whose id was read into the common table `name`. PostgreSQL expects such a list to be short and looks
 * each id up. With an `in`, it would expect as many rows as the limit allows, and read the whole table.
 */
export const isAmong = <DB>(q: Kysely<DB>, name: string): RawBuilder<boolean> =>
  isPostgres(q)
    ? sql`id = any(array(select id from ${sql.table(name)}))`
    : sql`id in (select id from ${sql.table(name)})`;
