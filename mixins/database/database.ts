/** The interface of storage that repositories use. SQLite and PostgreSQL implement it. */
import type { Kysely } from "kysely";
import type { Reading } from "./cache.ts";
import type { Migrations } from "./migrate.ts";
import type { Dialect, Query, Statement } from "./statement.ts";
import type { Write } from "./write.ts";

/** Runs statements: the database runs reads, a transaction runs everything else. */
export interface Executor<DB> {
  /** For SQL that depends on the request, such as filters. SQL that is always the same belongs in a statement. */
  readonly query: Kysely<DB>;
  all<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R[]>;
  one<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R | undefined>;
  /** Answers the number of changed rows. Outside a transaction, the statement is a transaction of its own. */
  run<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<number>;
}

/** The answer of a statement. */
export interface Outcome<Row> {
  readonly rows: readonly Row[];
  /** The number of changed rows. */
  readonly changed: number;
}

type Outcomes<Queries extends readonly Query[]> = {
  [Index in keyof Queries]: Outcome<Queries[Index] extends Query<infer Row> ? Row : never>;
};

/** One atomic change. */
export interface Transaction<DB> extends Executor<DB> {
  /**
   * Adds writes. They are sent in their order, together with the next question or with the COMMIT. So rows are locked
   * for no longer than necessary, and PostgreSQL answers all of them in one round trip.
   *
   * @example
   * await db.write(async (tx) => tx.add(...orders.insert(order), outbox.event(ctx, "order.placed", `order:${id}`, { id })));
   */
  add(...writes: readonly Write[]): void;
  /** Asks several questions at once and answers each of them. */
  ask<Queries extends readonly Query[]>(...queries: Queries): Promise<Outcomes<Queries>>;
  /**
   * Takes an advisory lock before anything that is added or asked next. Another transaction that locks the same name
   * waits until this one has ended. A rule over several rows, such as "at most 20 of these", needs it, because on
   * PostgreSQL another transaction may insert a row between a count and the insert that follows.
   *
   * @example
   * tx.lock(`wishlists:${userId}`);
   */
  lock(name: string): void;
  /** Runs `task` after the commit, and never when the transaction is rolled back. */
  afterCommit(task: () => void): void;
}

/** The type of any service's transaction, for mixins that bring tables of their own. */
// oxlint-disable-next-line typescript/no-explicit-any -- each service adds its own tables, and Kysely's type is invariant
export type AnyTransaction = Transaction<any>;

/** Readings that all nodes share, see `Database.recall`. */
export interface SharedCache {
  /** The last answer of `read` on any node, unless something may have been committed since. */
  recall<T>(key: string, read: () => Promise<Reading<T>>): Promise<T>;
  /** Reports a commit. Once it has answered, no earlier reading is recalled any more. */
  changed(): Promise<void>;
}

export interface Database<DB> extends Executor<DB> {
  readonly dialect: Dialect;
  /**
   * Runs `work` as one transaction and answers when it is durable. On SQLite many transactions share one commit, so
   * `work` must await nothing but its own SQL.
   * @throws the error of `work`, after its changes are rolled back; STORAGE_UNAVAILABLE when nothing can be stored now
   */
  write<R>(work: (tx: Transaction<DB>) => Promise<R>): Promise<R>;
  /** The last answer of `read`, unless something was committed since. It is shared, so never change it. */
  recall<T>(key: string, read: () => Promise<Reading<T>>): Promise<T>;
  /**
   * Runs the migrations. Call it before anything else.
   * @returns the migrations of a newer release, which it leaves alone
   * @throws ConfigError when the database is damaged, full, or belongs to another service
   */
  migrate(migrations: Migrations): Promise<readonly string[]>;
  /**
   * Removes the remains of deleted rows from the files, where that is our task. SQLite overwrites freed pages with
   * zeros, and this also empties its log. PostgreSQL does so when it vacuums.
   */
  scrub(): Promise<void>;
  close(): Promise<void>;
}
