/** What a repository works with, whatever stands behind it. */
import type { Kysely } from "kysely";
import type { Reading } from "./cache.ts";
import type { Migrations } from "./migrate.ts";
import type { Dialect, Query, Statement } from "./statement.ts";
import type { Write } from "./write.ts";

/** Runs statements: the database itself for reads, a transaction for everything else. */
export interface Executor<DB> {
  /** For SQL that depends on the request, such as filters. What is always the same belongs in a statement. */
  readonly query: Kysely<DB>;
  all<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R[]>;
  one<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R | undefined>;
  /** Rows that were changed; outside a transaction it is one by itself. */
  run<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<number>;
}

/** What a statement answers. */
export interface Outcome<Row> {
  readonly rows: readonly Row[];
  /** Rows that were changed. */
  readonly changed: number;
}

type Outcomes<Queries extends readonly Query[]> = {
  [Index in keyof Queries]: Outcome<Queries[Index] extends Query<infer Row> ? Row : never>;
};

/** One atomic change. */
export interface Transaction<DB> extends Executor<DB> {
  /**
   * Adds writes. They are sent in their order, together with the next question or with the COMMIT: rows are locked for no
   * longer than they need, and PostgreSQL is asked once for all of them.
   *
   * @example
   * await db.write(async (tx) => tx.add(...orders.insert(order), outbox.event(ctx, "order.placed", `order:${id}`, { id })));
   */
  add(...writes: readonly Write[]): void;
  /** Several questions at once, and what each of them answers. */
  ask<Queries extends readonly Query[]>(...queries: Queries): Promise<Outcomes<Queries>>;
  /**
   * Takes a name in turn, before what is added or asked next: other transactions that lock the same one wait until this one
   * has ended. A rule over several rows, such as "at most 20 of these", needs it, since on PostgreSQL others insert between a
   * count and what is inserted by it.
   *
   * @example
   * tx.lock(`wishlists:${userId}`);
   */
  lock(name: string): void;
  /** Runs once the change is durable; not at all when it is not. */
  afterCommit(task: () => void): void;
}

/** The transaction of any service: for mixins, which bring tables of their own. */
// oxlint-disable-next-line typescript/no-explicit-any -- each service adds its own tables, and Kysely's type is invariant
export type AnyTransaction = Transaction<any>;

/** Readings that all nodes share: see `Database.recall`. */
export interface SharedCache {
  /** What `read` answered last on any node, unless something may have been committed since. Reads itself when it cannot tell. */
  recall<T>(key: string, read: () => Promise<Reading<T>>): Promise<T>;
  /** Something was committed: nothing read before this answers may be recalled afterwards. */
  changed(): Promise<void>;
}

export interface Database<DB> extends Executor<DB> {
  readonly dialect: Dialect;
  /**
   * Runs `work` as one transaction and answers when it is durable. On SQLite many transactions share one commit, so `work`
   * must await nothing but its own SQL.
   * @throws what `work` throws, after its changes are undone; STORAGE_UNAVAILABLE when nothing can be stored now
   */
  write<R>(work: (tx: Transaction<DB>) => Promise<R>): Promise<R>;
  /** What `read` answered last, for as long as nothing has been committed since. The value is shared: never change it. */
  recall<T>(key: string, read: () => Promise<Reading<T>>): Promise<T>;
  /**
   * Brings the tables up to date; call it before anything else.
   * @returns the migrations of a newer release that it leaves alone
   * @throws ConfigError when the database is damaged, full, or another's
   */
  migrate(migrations: Migrations): Promise<readonly string[]>;
  /**
   * Leaves nothing of what was removed behind in the files, where that is ours to do. SQLite: pages are overwritten with
   * zeros when it is removed, and what the log still has is dropped here. PostgreSQL does so when it vacuums.
   */
  scrub(): Promise<void>;
  close(): Promise<void>;
}
