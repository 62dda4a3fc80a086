/** The clock of the database, for leases: nodes that compare times must not compare their own clocks. */
import { type Kysely, type RawBuilder, sql } from "kysely";
import { isPostgres } from "./locking.ts";

/**
 * Milliseconds since the epoch by the database's clock. An embedded database has one process, and that process's clock.
 * @param p of the statement, with the time of this process in `now`
 */
export const clockOf = <DB>(q: Kysely<DB>, p: { readonly now: number }): RawBuilder<number> =>
  isPostgres(q)
    ? sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`
    : sql<number>`cast(${p.now} as integer)`;
