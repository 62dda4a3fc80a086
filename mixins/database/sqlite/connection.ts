/** One connection to a SQLite file, and a transaction on it. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { Kysely, SqliteAdapter, SqliteDialect } from "kysely";
import type { Executor, Outcome, Transaction } from "../database.ts";
import type { Query, Statement } from "../statement.ts";
import type { Write } from "../write.ts";

const ENDED = "This transaction has ended.";

/** Kysely assumes that SQLite cannot roll back changes of tables, but it can. */
class TransactionalDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return Object.defineProperty(new SqliteAdapter(), "supportsTransactionalDdl", { value: true });
  }
}

/** One connection with its prepared statements. */
export class Connection<DB> implements Executor<DB> {
  readonly raw: DatabaseSync;
  readonly query: Kysely<DB>;
  readonly #prepared = new Map<string, StatementSync>();
  /** For the statements that `outcome` has run: whether they return rows. */
  readonly #answering = new Map<StatementSync, boolean>();

  constructor(path: string, readOnly: boolean) {
    this.raw = new DatabaseSync(path, { readOnly });
    // The page cache is 4 MB each, because a node has two connections to every file and must stay small.
    this.raw.exec("PRAGMA busy_timeout = 1000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4000");
    this.query = new Kysely<DB>({ dialect: new TransactionalDialect({ database: this.#likeBetterSqlite3() }) });
  }

  prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (!statement) this.#prepared.set(sql, (statement = this.raw.prepare(sql)));
    return statement;
  }

  /** Runs a statement that reads or writes. */
  outcome<R>({ statement, parameters }: Query<R>): Outcome<R> {
    const { sql, bind } = statement.compiled("sqlite");
    const prepared = this.prepare(sql);
    const values = bind(parameters) as SQLInputValue[];
    let isAnswering = this.#answering.get(prepared);
    if (isAnswering === undefined) this.#answering.set(prepared, (isAnswering = prepared.columns().length > 0));
    if (!isAnswering) return { rows: [], changed: Number(prepared.run(...values).changes) };
    const rows = prepared.all(...values) as R[];
    return { rows, changed: rows.length };
  }

  async all<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R[]> {
    const { sql, bind } = statement.compiled("sqlite");
    return this.prepare(sql).all(...(bind(parameters) as SQLInputValue[])) as R[];
  }

  async one<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R | undefined> {
    const { sql, bind } = statement.compiled("sqlite");
    return this.prepare(sql).get(...(bind(parameters) as SQLInputValue[])) as R | undefined;
  }

  async run<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<number> {
    const { sql, bind } = statement.compiled("sqlite");
    return Number(this.prepare(sql).run(...(bind(parameters) as SQLInputValue[])).changes);
  }

  /** The interface that Kysely's dialect expects. */
  #likeBetterSqlite3() {
    return {
      close() {},
      prepare: (sql: string) => {
        // A full disk ends a transaction by itself. Rolling it back once more would fail and hide the reason.
        const isOver = sql === "rollback" && !this.raw.isTransaction;
        const statement = this.raw.prepare(isOver ? "select 1" : sql);
        return {
          reader: statement.columns().length > 0,
          all: (values: readonly unknown[]) => statement.all(...(values as SQLInputValue[])),
          run: (values: readonly unknown[]) => statement.run(...(values as SQLInputValue[])),
          iterate: (values: readonly unknown[]) => statement.iterate(...(values as SQLInputValue[])),
        };
      },
    };
  }
}

/** A transaction on the writing connection, until it is closed. */
export class SqliteTransaction<DB> implements Transaction<DB> {
  readonly tasks: (() => void)[] = [];
  readonly #connection: Connection<DB>;
  #open = true;
  #added: Write[] = [];
  /** The first error. It rolls the whole transaction back, even when `work` catches it. */
  #failure: unknown;

  constructor(connection: Connection<DB>) {
    this.#connection = connection;
  }

  /** Checks the state again at run time, because a query that was kept must not run within a later transaction. */
  get query(): Kysely<DB> {
    return this.#connection.query.withPlugin({
      transformQuery: ({ node }) => {
        this.#using();
        return node;
      },
      transformResult: async ({ result }) => result,
    });
  }

  all: Executor<DB>["all"] = (statement, parameters) => this.#answer((db) => db.all(statement, parameters));
  one: Executor<DB>["one"] = (statement, parameters) => this.#answer((db) => db.one(statement, parameters));
  run: Executor<DB>["run"] = (statement, parameters) => this.#answer((db) => db.run(statement, parameters));
  ask: Transaction<DB>["ask"] = (...queries) =>
    this.#answer(async (db) => queries.map((query) => db.outcome(query)) as never);

  add(...writes: readonly Write[]): void {
    if (!this.#open) throw new Error(ENDED);
    for (const { afterCommit } of writes) if (afterCommit) this.tasks.push(afterCommit);
    this.#added.push(...writes);
  }

  /** SQLite runs one transaction at a time, so it needs no lock. */
  lock(): void {
    if (!this.#open) throw new Error(ENDED);
  }

  afterCommit(task: () => void): void {
    if (!this.#open) throw new Error(ENDED);
    this.tasks.push(task);
  }

  /** Sends the remaining writes. @throws the error of a failed statement */
  end(): void {
    if (this.#failure) throw this.#failure;
    this.#using();
  }

  close(): void {
    this.#open = false;
  }

  async #answer<R>(ask: (connection: Connection<DB>) => Promise<R>): Promise<R> {
    const connection = this.#using();
    try {
      return await ask(connection);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  /** The connection, after the added writes have been sent. */
  #using(): Connection<DB> {
    if (!this.#open) throw new Error(ENDED);
    const added = this.#added;
    this.#added = [];
    try {
      for (const write of added) {
        const { changed } = this.#connection.outcome(write);
        if (write.required && changed < write.required.rows) throw write.required.refusal();
      }
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
    return this.#connection;
  }
}
