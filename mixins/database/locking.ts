/** Row locks, which SQLite neither has nor needs: there one transaction runs at a time. */
import { type Kysely, PostgresAdapter, type RawBuilder, type SelectQueryBuilder, sql } from "kysely";

const isPostgres = <DB>(q: Kysely<DB>): boolean => q.getExecutor().adapter instanceof PostgresAdapter;

/** Locks the rows that are read until the transaction ends, and passes over those that others hold: for shared queues. */
export const skipLocked = <DB, Table extends keyof DB, Row>(
  q: Kysely<DB>,
  query: SelectQueryBuilder<DB, Table, Row>,
): SelectQueryBuilder<DB, Table, Row> => (isPostgres(q) ? query.forUpdate().skipLocked() : query);

/**
 * True for rows whose id was read into the common table `name`. PostgreSQL takes such a list for short and looks each up;
 * for as many as a limit may let through it would rather read the whole table.
 */
export const isAmong = <DB>(q: Kysely<DB>, name: string): RawBuilder<boolean> =>
  isPostgres(q)
    ? sql`id = any(array(select id from ${sql.table(name)}))`
    : sql`id in (select id from ${sql.table(name)})`;
