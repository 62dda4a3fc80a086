/** One unit of work on one connection to PostgreSQL. */
import type { Kysely } from "kysely";
import type { PoolClient } from "pg";
import { type Answer, Batch, countOf, type Query } from "./batch.ts";
import type { Executor, Transaction } from "./database.ts";
import { kyselyOver } from "./dialect.ts";
import { isConflict, isStalePlan, isUnchanged, translate, UNCHANGED } from "./faults.ts";
import { types } from "./pool.ts";
import type { Statement } from "./statement.ts";
import { type Answers, type Parts, together } from "./together.ts";

const BEGIN: Query = { name: "begin", text: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE" };
const COMMIT: Query = { name: "commit", text: "COMMIT" };
const LOCK: Query = { name: "lock", text: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))" };
const ROLLBACK: Query = { name: "rollback", text: "ROLLBACK" };

/** Gives its connection back by itself, at the end of `commit` or of `rollback`. */
export class PostgresUnit<DB> implements Transaction<DB> {
  readonly tasks: (() => void)[] = [];
  readonly #client: PoolClient;
  #query: Kysely<DB> | undefined;
  #isOpen = true;
  #hasBegun = false;
  /** What is asked in one turn leaves together, once the one before is answered. */
  #batch: Batch | undefined;
  #sent: Promise<void> = Promise.resolve();
  #isConcluded = false;
  #committing: Promise<Answer> | undefined;
  /** The first error: it undoes the whole transaction, whatever `work` makes of it. */
  #failure: unknown;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  get query(): Kysely<DB> {
    return (this.#query ??= kyselyOver<DB>((text, values) => this.#ask({ text, values })));
  }

  all: Executor<DB>["all"] = async <P extends object, R>(statement: Statement<P, R>, parameters: P) =>
    (await this.#ask(queryOf(statement, parameters))).rows as R[];
  one: Executor<DB>["one"] = async (statement, parameters) => (await this.all(statement, parameters))[0];
  run: Executor<DB>["run"] = async (statement, parameters) => countOf(await this.#ask(queryOf(statement, parameters)));

  async must<P extends object, R>(
    statement: Statement<P, R>,
    parameters: P,
    refusal: () => Error,
    rows = 1,
  ): Promise<void> {
    await this.#ask(required(queryOf(statement, parameters), rows), refusal);
  }

  conclude<P extends Parts>(...parts: P): Promise<Answers<P>> {
    this.#isConcluded = true;
    for (const part of parts) part.catch((error: unknown) => (this.#failure ??= error));
    return together(...parts);
  }

  /** An advisory lock: two names may share one, which only makes them wait. */
  async lock(name: string): Promise<void> {
    await this.#ask({ ...LOCK, values: [name] });
  }

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
    // Also when the server never heard of it: a value that could not be sent.
    if (this.#failure) throw translate(this.#failure);
    if (this.#hasBegun) {
      const { tag } = await (this.#committing ?? this.#end(COMMIT));
      // A transaction in which something failed is undone, and that is no error.
      if (tag !== "COMMIT") throw translate(this.#failure);
    }
    this.#client.release();
  }

  async rollback(): Promise<void> {
    this.#isOpen = false;
    try {
      if (this.#hasBegun) await this.#end(ROLLBACK);
      this.#client.release();
    } catch {
      this.#client.release(true);
    }
  }

  #ask(query: Query, refusal?: () => Error): Promise<Answer> {
    if (!this.#isOpen) return Promise.reject(new Error("This unit of work has ended."));
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      // When it fails so does the statement after it.
      this.#send(BEGIN).catch(() => {});
    }
    return this.#send(query, refusal);
  }

  async #send(query: Query, refusal?: () => Error): Promise<Answer> {
    this.#batch ??= this.#gather();
    try {
      return await this.#batch.ask(query);
    } catch (error) {
      // What came after the first failure fails only because of that.
      this.#failure ??= refusal && isUnchanged(error) ? refusal() : error;
      throw translate(this.#failure);
    }
  }

  /** The unit is not concluded by its next batch, but by this. */
  #end(query: Query): Promise<Answer> {
    this.#isConcluded = false;
    return this.#send(query);
  }

  #gather(): Batch {
    const batch = new Batch(types);
    const before = this.#sent;
    this.#sent = batch.ended;
    // Within a turn the next tick comes when all that has begun has asked, or has failed.
    void before.then(() => process.nextTick(() => this.#submit(batch)));
    return batch;
  }

  #submit(batch: Batch): void {
    if (this.#isConcluded) {
      this.#isOpen = false;
      if (!this.#failure) this.#committing = this.#send(COMMIT);
      // Whoever waits for the commit hears of it.
      this.#committing?.catch(() => {});
    }
    this.#batch = undefined;
    this.#client.query(batch);
  }
}

function queryOf<P extends object, R>(statement: Statement<P, R>, parameters: P): Query {
  const { sql, name, bind } = statement.compiled("postgres");
  return { text: sql, name, values: bind(parameters) };
}

/** Fails when it changes fewer rows, so that the server passes over all that was sent after it, the commit among them. */
const required = ({ text, name, values = [] }: Query, rows: number): Query => ({
  text:
    `with changed as (${text} returning 1) ` +
    `select cast(case when count(*) < $${values.length + 1} then '${UNCHANGED}' else '1' end as integer) from changed`,
  name: `required ${name}`,
  values: [...values, rows],
});
