/** Row locks, which SQLite neither has nor needs: there one unit of work runs at a time. */
import { type Kysely, PostgresAdapter, type SelectQueryBuilder } from "kysely";

/** Locks the rows that are read until the transaction ends, and passes over those that others hold: for shared queues. */
export const skipLocked = <DB, Table extends keyof DB, Row>(
  q: Kysely<DB>,
  query: SelectQueryBuilder<DB, Table, Row>,
): SelectQueryBuilder<DB, Table, Row> =>
  q.getExecutor().adapter instanceof PostgresAdapter ? query.forUpdate().skipLocked() : query;
