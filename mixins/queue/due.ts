/**
 * The questions of a queue to a table whose rows are due at the time in one of their columns. An index of that column
 * answers them.
 */
import type { Kysely } from "kysely";
import { type Statement, statements } from "../database/statement.ts";

interface Due<Row> {
  /** When the first row is due, in milliseconds since the epoch. */
  readonly next: Statement<object, { at: number }>;
  /** The rows that are due longest. */
  readonly list: Statement<{ now: number; limit: number }, Row>;
}

/**
 * @example
 * const due = dueIn<PaymentTables>()("payments", "check_at");
 * await db.one(due.next, {});
 * await db.all(due.list, { now: now(), limit: 50 });
 */
export const dueIn =
  <DB>() =>
  <Table extends keyof DB & string>(table: Table, column: keyof DB[Table] & string): Due<DB[Table]> => {
    const sql = statements<{ rows: { due: number } }>();
    const due = column as "due";
    // Both queries have this condition, so that a partial index serves them.
    const rows = (q: Kysely<{ rows: { due: number } }>) =>
      q
        .selectFrom(table as "rows")
        .where(due, "is not", null)
        .orderBy(due);
    return {
      next: sql((q) =>
        rows(q)
          .select((e) => e.ref(due).as("at"))
          .limit(1),
      ),
      list: sql((q, p: { now: number; limit: number }) =>
        rows(q).selectAll().where(due, "<=", p.now).limit(p.limit),
      ) as Due<never>["list"],
    };
  };
