/** Shared storage in PostgreSQL, where any number of nodes read and change the same rows at once. */
import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg, { type Pool, type PoolClient } from "pg";
import { sharedError } from "#core/errors.ts";
import { type Answer, Batch, type Command, countOf } from "./batch.ts";
import type { Database, Executor, SharedCache, Transaction } from "../database.ts";
import { kyselyOver } from "./dialect.ts";
import { explained, isStalePlan, translate, unavailable } from "./faults.ts";
import { GroupCommit } from "./group-commit.ts";
import type { Reading } from "../cache.ts";
import { migrate, type Migrations } from "../migrate.ts";
import { connection, openPool, type PoolOptions, quietPool, types } from "./pool.ts";
import type { Query, Statement } from "../statement.ts";
import { PostgresTransaction } from "./transaction.ts";

/**
 * Milliseconds that a server may take to accept a connection of a node that starts, because the node cannot do without
 * it.
 */
const ADMISSION = 60_000;
/**
 * The advisory lock that a node holds while it migrates. The number is arbitrary, but no other lock of these databases
 * uses it.
 */
const TURN = 20_240_607;
/**
 * How often a transaction is run when the server rolls it back in favour of another, and the longest first pause in
 * milliseconds.
 */
const ATTEMPTS = 6;
const PAUSE = 10;

export interface PostgresOptions extends PoolOptions {
  /** The cache of readings. Without it, everything is read each time. */
  readonly cache?: SharedCache;
}

/** PostgreSQL as a `Database`. A transaction sees what others have committed (READ COMMITTED). */
export class PostgresDatabase<DB> implements Database<DB> {
  readonly dialect = "postgres";
  readonly query: Kysely<DB>;
  readonly #options: PostgresOptions;
  readonly #pool: Pool;
  readonly #singles = new GroupCommit((writes) => this.#store(writes));
  readonly #writing = new Set<Promise<unknown>>();
  /** When each connection was opened. Connections from before a change of the tables are replaced. */
  readonly #made = new WeakMap<PoolClient, number>();
  #generation = 0;
  #closed = false;

  constructor(options: PostgresOptions) {
    this.#options = options;
    this.#pool = openPool(options);
    this.#pool.on("connect", (client) => this.#made.set(client, this.#generation));
    this.query = kyselyOver<DB>((text, values) => this.#read({ text, values }));
  }

  all: Executor<DB>["all"] = async <P extends object, R>(statement: Statement<P, R>, parameters: P) => {
    const { sql: text, name, bind } = statement.compiled("postgres");
    return (await this.#read({ text, name, values: bind(parameters) })).rows as R[];
  };
  one: Executor<DB>["one"] = async (statement, parameters) => (await this.all(statement, parameters))[0];
  run: Executor<DB>["run"] = (statement, parameters) => this.#tracked(() => this.#singles.run(statement, parameters));

  async recall<T>(key: string, read: () => Promise<Reading<T>>): Promise<T> {
    const { cache } = this.#options;
    return cache ? cache.recall(key, read) : (await read()).value;
  }

  write<R>(work: (tx: Transaction<DB>) => Promise<R>): Promise<R> {
    return this.#tracked(() => this.#write(work));
  }

  /**
   * Runs the migrations. Nodes that start together take turns, each until its session ends. The advisory lock comes
   * first, because Kysely takes its own only after it has looked at every table, which fails when another node drops
   * one meanwhile. There is no time limit, because a migration takes as long as it must, also on a busy server.
   */
  async migrate(migrations: Migrations): Promise<readonly string[]> {
    const { pathname, host } = new URL(this.#options.url);
    const place = `${pathname.slice(1)} at ${host}`;
    const options = { ...connection(this.#options), connectionTimeoutMillis: ADMISSION };
    const db = new Kysely<never>({ dialect: new PostgresDialect({ pool: quietPool({ ...options, max: 1 }) }) });
    try {
      return await db.connection().execute(async (session) => {
        await sql`select pg_advisory_lock(${TURN})`.execute(session);
        return migrate(session, migrations, place);
      });
    } catch (error) {
      throw explained(place, error);
    } finally {
      await db.destroy();
    }
  }

  async scrub(): Promise<void> {}

  /** Completes the running transactions first. Moleculer may stop a service twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#writing);
    await this.#pool.end();
  }

  /** Writes that were requested before `close` are stored before the database is closed. */
  async #tracked<R>(write: () => Promise<R>): Promise<R> {
    if (this.#closed) throw sharedError("STORAGE_UNAVAILABLE", { reason: "database is closed" });
    const writing = write();
    this.#writing.add(writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  /**
   * Stores writes in one packet with their transaction.
   * @returns how many rows each has changed
   */
  async #store(writes: readonly Query[]): Promise<readonly number[]> {
    let answers: readonly Answer[] = [];
    const add = async (tx: Transaction<DB>) => tx.add(...writes);
    await this.#write(add, (stored) => (answers = stored));
    return answers.map(countOf);
  }

  async #write<R>(
    work: (tx: Transaction<DB>) => Promise<R>,
    onStored: (answers: readonly Answer[]) => void = () => {},
  ): Promise<R> {
    for (let attempt = 1; ; attempt += 1) {
      const client = await this.#connect();
      const transaction = new PostgresTransaction<DB>(client);
      try {
        const value = await work(transaction);
        onStored(await transaction.commit());
        await this.#changed();
        for (const task of transaction.tasks) queueMicrotask(task);
        return value;
      } catch (error) {
        await transaction.rollback();
        if (transaction.isStale) this.#outdate(client);
        else if (!transaction.isConflict || attempt === ATTEMPTS) throw error;
        await sleep(Math.random() * PAUSE * 2 ** attempt);
      }
    }
  }

  /** Tells other nodes to drop their cached readings. A failure here must not undo what is already stored. */
  async #changed(): Promise<void> {
    await this.#options.cache?.changed().catch(() => undefined);
  }

  async #read(command: Command): Promise<Answer> {
    const client = await this.#connect();
    try {
      const batch = new Batch(types);
      const answer = batch.ask(command);
      client.query(batch);
      const result = await answer;
      client.release();
      return result;
    } catch (error) {
      client.release(!(error instanceof pg.DatabaseError) || error.severity === "FATAL");
      if (!isStalePlan(error)) throw translate(error);
      this.#outdate(client);
      return this.#read(command);
    }
  }

  /**
   * Marks connections as outdated when they are as old as this one, because their prepared statements no longer fit the
   * tables.
   */
  #outdate(client: PoolClient): void {
    this.#generation = Math.max(this.#generation, this.#made.get(client)! + 1);
  }

  async #connect(): Promise<PoolClient> {
    try {
      for (;;) {
        const client = await this.#pool.connect();
        if (this.#made.get(client) === this.#generation) return client;
        client.release(true);
      }
    } catch (error) {
      throw unavailable(error);
    }
  }
}
