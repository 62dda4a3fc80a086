/**
 * Changes of a transaction as data. Repositories and mixins return writes, and `tx.add` has the transaction send them:
 * all of them are stored, or none.
 */
import type { Query } from "./statement.ts";

export interface Write extends Query {
  /** The number of rows that it must change. Otherwise the transaction is rolled back and fails with `refusal`. */
  readonly required?: { readonly rows: number; readonly refusal: () => Error };
  /** Runs after the commit, and never when the transaction is rolled back. */
  readonly afterCommit?: () => void;
}

/**
 * A write that must change at least `rows` rows.
 *
 * @example
 * tx.add(required(moveOrder.with({ id }), () => order.error("NOT_FOUND")));
 */
export const required = (query: Query, refusal: () => Error, rows = 1): Write => ({
  ...query,
  required: { rows, refusal },
});
