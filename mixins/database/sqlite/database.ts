/** Embedded storage: node:sqlite in WAL mode, durable at every commit, with group commit. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import type { Kysely } from "kysely";
import { privateFile } from "#core/config.ts";
import { sharedError } from "#core/errors.ts";
import { BUSY, codeOf, CORRUPT, explained, isLasting, translate } from "./faults.ts";
import { Connection, SqliteTransaction } from "./connection.ts";
import type { Database, Executor, Transaction } from "../database.ts";
import { type Reading, ReadMemory } from "../cache.ts";
import { migrate, type Migrations } from "../migrate.ts";

/** The most transactions in one commit: enough to hide the latency of the disk, and few enough to answer soon. */
const BATCH = 256;
/** The most turns of the event loop that a transaction waits for others to join its commit. */
const TURNS = 6;
/** Milliseconds that a write waits until another process releases the file, and milliseconds between two attempts. */
const LOCK_PATIENCE = 1000;
const LOCK_PAUSE = 10;

interface Request<DB> {
  readonly work: (tx: Transaction<DB>) => Promise<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** The part of the process that opened the database and hears of its faults. */
interface Owner {
  /** Called for every commit that failed for a lasting reason. */
  readonly onFault?: (error: Error) => void;
  readonly onClose?: () => void;
}

/** SQLite as a `Database`. Reads use a connection of their own, so they never see an uncommitted batch. */
export class SqliteDatabase<DB> implements Database<DB> {
  readonly dialect = "sqlite";
  readonly #writer: Connection<DB>;
  readonly #reader: Connection<DB>;
  readonly #queue: Request<DB>[] = [];
  readonly #memory: ReadMemory;
  #draining: Promise<void> | null = null;
  readonly #path: string;
  readonly #owner: Owner;
  #closed = false;

  /**
   * @param path of the file, which is created when it is missing
   * @throws ConfigError when it is damaged or cannot be written
   */
  constructor(path: string, owner: Owner = {}) {
    this.#path = path;
    this.#owner = owner;
    try {
      privateFile(path);
      this.#writer = new Connection(path, false);
      this.#writer.raw.exec(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA secure_delete = ON",
      );
      this.#reader = new Connection(path, true);
      requireIntact(this.#reader.raw);
    } catch (error) {
      throw explained(path, error);
    }
    const version = this.#reader.prepare("PRAGMA data_version");
    this.#memory = new ReadMemory(() => version.get()!["data_version"] as number);
  }

  get query(): Kysely<DB> {
    return this.#reader.query;
  }

  all: Executor<DB>["all"] = (statement, parameters) => this.#reader.all(statement, parameters);
  one: Executor<DB>["one"] = (statement, parameters) => this.#reader.one(statement, parameters);
  run: Executor<DB>["run"] = (statement, parameters) => this.write((tx) => tx.run(statement, parameters));

  recall<T>(key: string, read: () => Promise<Reading<T>>): Promise<T> {
    return this.#memory.recall(key, read);
  }

  write<R>(work: (tx: Transaction<DB>) => Promise<R>): Promise<R> {
    if (this.#closed) return Promise.reject(sharedError("STORAGE_UNAVAILABLE", { reason: "database is closed" }));
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    this.#queue.push({ work, resolve, reject });
    this.#draining ??= this.#drain();
    return promise;
  }

  async migrate(migrations: Migrations): Promise<readonly string[]> {
    try {
      // The next write brings what migrations have written to the disk with it. When the machine dies before, they run again.
      this.#writer.raw.exec("PRAGMA synchronous = NORMAL");
      const newer = await migrate(this.#writer.query as unknown as Kysely<never>, migrations, this.#path);
      // SQLite would block the whole process while it waits for a lock, so `#begin` waits instead from here on.
      this.#writer.raw.exec("PRAGMA busy_timeout = 0; PRAGMA synchronous = FULL");
      return newer;
    } catch (error) {
      throw explained(this.#path, error);
    }
  }

  async scrub(): Promise<void> {
    await this.#draining;
    // The log cannot be emptied while another process reads it or a new write has begun; the next scrub empties it
    // then.
    if (!this.#closed && !this.#writer.raw.isTransaction) this.#writer.raw.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  /** Stores the queued transactions first. Moleculer may stop a service twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#draining;
    this.#reader.raw.close();
    this.#writer.raw.close();
    this.#owner.onClose?.();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#gather();
      await this.#commit(this.#queue.splice(0, BATCH));
    }
    this.#draining = null;
  }

  /** Waits a turn of the event loop, and a few more while each brings new transactions, which share a commit. */
  async #gather(): Promise<void> {
    let gathered = 0;
    for (let turns = 0; turns < TURNS && gathered < this.#queue.length; turns += 1) {
      gathered = this.#queue.length;
      await new Promise(setImmediate);
    }
  }

  /** Commits a batch as one transaction, with a savepoint for each of its parts. They are answered after the commit. */
  async #commit(batch: readonly Request<DB>[]): Promise<void> {
    const answers: (() => void)[] = [];
    try {
      await this.#begin();
      for (const request of batch) answers.push(await this.#savepoint(request));
      this.#execute("COMMIT");
      this.#memory.forget();
    } catch (error) {
      if (this.#writer.raw.isTransaction) this.#execute("ROLLBACK");
      if (isLasting(error)) this.#owner.onFault?.(error as Error);
      for (const { reject } of batch) reject(translate(error));
      return;
    }
    for (const answer of answers) answer();
  }

  /** Begins a transaction. While another process writes, this process waits without blocking. */
  async #begin(): Promise<void> {
    const deadline = performance.now() + LOCK_PATIENCE;
    for (;;) {
      try {
        return this.#execute("BEGIN IMMEDIATE");
      } catch (error) {
        if (codeOf(error) !== BUSY || performance.now() > deadline) throw error;
        await sleep(LOCK_PAUSE);
      }
    }
  }

  /** @throws only an error that ends the whole transaction, such as a full disk */
  async #savepoint({ work, resolve, reject }: Request<DB>): Promise<() => void> {
    this.#execute("SAVEPOINT part");
    const transaction = new SqliteTransaction(this.#writer);
    try {
      const value = await withoutWaiting(work(transaction));
      transaction.end();
      this.#execute("RELEASE part");
      return () => {
        // Each task runs on its own, because one that throws must not prevent the answers of the others.
        for (const task of transaction.tasks) queueMicrotask(task);
        resolve(value as never);
      };
    } catch (error) {
      if (!this.#writer.raw.isTransaction) throw error;
      this.#execute("ROLLBACK TO part");
      this.#execute("RELEASE part");
      return () => reject(translate(error));
    } finally {
      transaction.close();
    }
  }

  #execute(sql: string): void {
    this.#writer.prepare(sql).run();
  }
}

/** Files of up to this many bytes are checked completely when they are opened, which takes some milliseconds. */
const LOOKED_THROUGH = 16_000_000;

/** @throws Error of SQLite when the file is damaged. In a large file the damage is found only when it is read. */
function requireIntact(raw: DatabaseSync): void {
  const { size } = raw
    .prepare("select page_count * page_size as size from pragma_page_count, pragma_page_size")
    .get() as {
    size: number;
  };
  if (size > LOOKED_THROUGH) return;
  const [first] = raw.prepare("PRAGMA quick_check(1)").all() as { quick_check: string }[];
  const found = first!.quick_check.replaceAll(/\s+/g, " ");
  if (found !== "ok") throw Object.assign(new Error(found), { errcode: CORRUPT });
}

/** Refuses a transaction that waits for anything but SQLite, which answers at once. It would delay every commit. */
async function withoutWaiting<T>(work: Promise<T>): Promise<T> {
  const { promise: waited, reject } = Promise.withResolvers<never>();
  const watch = setImmediate(() => reject(new Error("A transaction may await only its own SQL.")));
  try {
    return await Promise.race([work, waited]);
  } finally {
    clearImmediate(watch);
  }
}
