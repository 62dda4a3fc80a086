/** One unit of work on one connection to PostgreSQL. */
import type { Kysely } from "kysely";
import type { PoolClient, QueryConfig, QueryResult } from "pg";
import type { Executor, Transaction } from "./database.ts";
import { kyselyOver } from "./dialect.ts";
import { isConflict, isStalePlan, translate, unavailable } from "./faults.ts";
import type { Statement } from "./statement.ts";

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/** Gives its connection back by itself, at the end of `commit` or of `rollback`. */
export class PostgresUnit<DB> implements Transaction<DB> {
  readonly tasks: (() => void)[] = [];
  readonly #client: PoolClient;
  #query: Kysely<DB> | undefined;
  #isOpen = true;
  #hasBegun = false;
  /** The first error: it undoes the whole transaction, whatever `work` makes of it. */
  #failure: unknown;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  get query(): Kysely<DB> {
    return (this.#query ??= kyselyOver<DB>((text, values) => this.#ask({ text, values: [...values] })));
  }

  all: Executor<DB>["all"] = async (statement, parameters) => (await this.#execute(statement, parameters)).rows;
  one: Executor<DB>["one"] = async (statement, parameters) => (await this.#execute(statement, parameters)).rows[0];
  run: Executor<DB>["run"] = async (statement, parameters) =>
    (await this.#execute(statement, parameters)).rowCount ?? 0;

  afterCommit(task: () => void): void {
    this.tasks.push(task);
  }

  /** True when the server undid it for the sake of another unit: run again, it may succeed. */
  get isConflict(): boolean {
    return isConflict(this.#failure);
  }

  /** True when it met a table that was changed since this connection prepared its statements. */
  get isStale(): boolean {
    return isStalePlan(this.#failure);
  }

  /** @throws what undid the transaction; STORAGE_UNAVAILABLE also when nobody can tell whether it did */
  async commit(): Promise<void> {
    this.#isOpen = false;
    if (this.#hasBegun) {
      const { command } = await this.#send({ text: "COMMIT" });
      // A transaction in which something failed is undone, and that is no error.
      if (command !== "COMMIT") throw translate(this.#failure);
    }
    this.#client.release();
  }

  async rollback(): Promise<void> {
    this.#isOpen = false;
    try {
      if (this.#hasBegun) await this.#client.query("ROLLBACK");
      this.#client.release();
    } catch {
      this.#client.release(true);
    }
  }

  #execute<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<QueryResult> {
    const { sql, name, bind } = statement.compiled("postgres");
    return this.#ask({ text: sql, name, values: bind(parameters) });
  }

  #ask(query: QueryConfig): Promise<QueryResult> {
    if (!this.#isOpen) return Promise.reject(new Error("This unit of work has ended."));
    return this.#hasBegun ? this.#send(query) : this.#begin(query);
  }

  /** When BEGIN fails so does the statement, since outside a unit the session may only read. */
  #begin(query: QueryConfig): Promise<QueryResult> {
    this.#hasBegun = true;
    this.#gather();
    this.#client.query(BEGIN).catch((error: unknown) => (this.#failure ??= unavailable(error)));
    return this.#send(query);
  }

  /** What is asked in one turn leaves in one packet: each costs both sides more than the statement in it. */
  #gather(): void {
    const { stream } = this.#client.connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }

  async #send(query: QueryConfig): Promise<QueryResult> {
    this.#gather();
    try {
      return await this.#client.query(query);
    } catch (error) {
      this.#failure ??= error;
      throw translate(error);
    }
  }
}
