/**
 * What a transaction changes, as data. Repositories and mixins return writes, and `tx.add` has the transaction send them: all
 * of them are stored, or none.
 */
import type { Query } from "./statement.ts";

export interface Write extends Query {
  /** The rows that it must change: when they are fewer the transaction is undone, and fails as `refusal` says. */
  readonly required?: { readonly rows: number; readonly refusal: () => Error };
  /** Runs once the transaction is durable; not at all when it is not. */
  readonly afterCommit?: () => void;
}

/**
 * A write that must change a row, or so many of them.
 *
 * @example
 * tx.add(required(moveOrder.with({ id }), () => order.error("NOT_FOUND")));
 */
export const required = (query: Query, refusal: () => Error, rows = 1): Write => ({
  ...query,
  required: { rows, refusal },
});
