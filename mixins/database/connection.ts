/** One connection to a SQLite file, and one unit of work on it. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { Kysely, SqliteAdapter, SqliteDialect } from "kysely";
import type { Executor, Transaction } from "./database.ts";
import type { Statement } from "./statement.ts";
import { type Answers, type Parts, together } from "./together.ts";

/** Kysely believes otherwise, but SQLite undoes changes of tables like all else. */
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

  constructor(path: string, readOnly: boolean) {
    this.raw = new DatabaseSync(path, { readOnly });
    // 4 MB of pages each: a node has two connections to every file, and must stay small.
    this.raw.exec("PRAGMA busy_timeout = 1000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4000");
    this.query = new Kysely<DB>({ dialect: new TransactionalDialect({ database: this.#likeBetterSqlite3() }) });
  }

  prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (!statement) this.#prepared.set(sql, (statement = this.raw.prepare(sql)));
    return statement;
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

  /** The face that Kysely's dialect expects. */
  #likeBetterSqlite3() {
    return {
      close() {},
      prepare: (sql: string) => {
        // A full disk ends a transaction by itself: to roll back what is over would fail, and hide why.
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

/** One unit of work on the writing connection, until it is closed. */
export class Unit<DB> implements Transaction<DB> {
  readonly tasks: (() => void)[] = [];
  readonly #connection: Connection<DB>;
  #open = true;
  /** The first error of a statement: it undoes the whole unit, whatever `work` makes of it. */
  #failure: unknown;
  /** Resolves when nothing more may be asked. */
  #concluded: Promise<void> | undefined;

  constructor(connection: Connection<DB>) {
    this.#connection = connection;
  }

  /** Checked again when it is run: a query that is kept must not slip into somebody else's unit. */
  get query(): Kysely<DB> {
    return this.#connection.query.withPlugin({
      transformQuery: ({ node }) => this.#using() && node,
      transformResult: async ({ result }) => result,
    });
  }

  all: Executor<DB>["all"] = (statement, parameters) => this.#answer((db) => db.all(statement, parameters));
  one: Executor<DB>["one"] = (statement, parameters) => this.#answer((db) => db.one(statement, parameters));
  run: Executor<DB>["run"] = (statement, parameters) => this.#answer((db) => db.run(statement, parameters));

  must<P extends object, R>(statement: Statement<P, R>, parameters: P, refusal: () => Error, rows = 1): Promise<void> {
    return this.#answer(async (db) => {
      if ((await db.run(statement, parameters)) < rows) throw refusal();
    });
  }

  /** Nothing is gained by it here, but what asks by the answers must fail as it does on PostgreSQL. */
  conclude<P extends Parts>(...parts: P): Promise<Answers<P>> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#concluded = promise;
    process.nextTick(() => {
      this.close();
      resolve();
    });
    return together(...parts);
  }

  /** Units run one at a time. */
  async lock(): Promise<void> {
    this.#using();
  }

  afterCommit(task: () => void): void {
    this.tasks.push(task);
  }

  close(): void {
    this.#open = false;
  }

  /** @throws what a statement failed with */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  async #answer<R>(ask: (connection: Connection<DB>) => Promise<R>): Promise<R> {
    try {
      return await ask(this.#using());
    } catch (error) {
      this.#failure ??= error;
      throw error;
    } finally {
      await this.#concluded;
    }
  }

  #using(): Connection<DB> {
    if (!this.#open) throw new Error("This unit of work has ended.");
    return this.#connection;
  }
}
