/** A transaction that notes every row which it changes, before and after. Only changes that are recorded run through it. */
import { isDeepStrictEqual } from "node:util";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type OperationNode,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { AnyTransaction, Executor, Outcome, Transaction } from "../database/database.ts";
import type { Dialect, Query, Statement } from "../database/statement.ts";
import type { Write } from "../database/write.ts";
import { type Derived, derive, MOST_ROWS } from "./derive.ts";
import type { Values } from "./mask.ts";

/** What one statement changed. */
export interface Changed {
  readonly table: string;
  readonly kind: Derived["kind"];
  /** The number of rows; the first of them follow. */
  readonly rows: number;
  readonly before: readonly Values[];
  readonly after: readonly Values[];
}

/** Tables of building blocks whose rows say nothing of the change: requests, events, and this log. */
const NOISE: ReadonlySet<string> = new Set(["idempotency_keys", "outbox", "audit_log", "audit_heads"]);

const isReading = ({ kind }: OperationNode, sql: string): boolean =>
  kind === "SelectQueryNode" || (kind === "RawNode" && /^\s*(?:select|with)\b/i.test(sql));

/** The most statements of one transaction that are kept. */
const MOST_STATEMENTS = 200;

const known = new WeakMap<Statement<never, unknown>, Derived | null>();

function derivedOf(statement: Statement<never, unknown>, dialect: Dialect): Derived | null {
  let derived = known.get(statement);
  if (derived === undefined) known.set(statement, (derived = derive(statement.node(dialect), dialect)));
  return derived;
}

const parts = {
  sqlite: [SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler],
  postgres: [PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler],
} as const;

export class RecordingTransaction<DB> implements Transaction<DB> {
  readonly changed: Changed[] = [];
  readonly query: Kysely<DB>;
  readonly #inner: AnyTransaction;
  readonly #dialect: Dialect;
  readonly #silent: ReadonlySet<string>;
  /** The last statement: they run in their order, and none after one that failed. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param silent tables of which nothing is told: what is computed from others */
  constructor(inner: AnyTransaction, dialect: Dialect, silent: ReadonlySet<string>) {
    this.#inner = inner;
    this.#dialect = dialect;
    this.#silent = silent;
    this.query = this.#kysely();
  }

  all: Executor<DB>["all"] = async (statement, parameters) =>
    (await this.#ask(statement.with(parameters))).rows as never;
  one: Executor<DB>["one"] = async (statement, parameters) => (await this.all(statement, parameters))[0];
  run: Executor<DB>["run"] = async (statement, parameters) => (await this.#ask(statement.with(parameters))).changed;
  ask: Transaction<DB>["ask"] = async (...queries) =>
    (await Promise.all(queries.map((query) => this.#ask(query)))) as never;

  add(...writes: readonly Write[]): void {
    for (const { required, afterCommit, ...query } of writes) {
      if (afterCommit) this.#inner.afterCommit(afterCommit);
      void this.#next(async () => {
        const { changed } = await this.#perform(query);
        if (required && changed < required.rows) throw required.refusal();
      });
    }
  }

  lock(name: string): void {
    void this.#next(async () => this.#inner.lock(name));
  }

  afterCommit(task: () => void): void {
    this.#inner.afterCommit(task);
  }

  /** Resolves when everything was sent. @throws the first error */
  async end(): Promise<void> {
    await this.#last;
  }

  #next<R>(work: () => Promise<R>): Promise<R> {
    const next = this.#last.then(work);
    this.#last = next;
    // Whoever asks next, and the end, learn of it.
    next.catch(() => {});
    return next;
  }

  #ask(query: Query): Promise<Outcome<unknown>> {
    return this.#next(() => this.#perform(query));
  }

  async #perform(query: Query): Promise<Outcome<unknown>> {
    const { statement, parameters } = query;
    const derived = derivedOf(statement, this.#dialect);
    if (derived && this.#isTold(derived)) return this.#change(derived, parameters);
    const [outcome] = await this.#inner.ask(query);
    const { sql } = statement.compiled(this.#dialect);
    this.#note(derived, isReading(statement.node(this.#dialect), sql) ? 0 : outcome.changed);
    return outcome;
  }

  /** For SQL that depends on the request: the same, with the values in it. */
  async #run(compiled: CompiledQuery): Promise<QueryResult<never>> {
    const { query, sql } = compiled;
    const derived = derive(query, this.#dialect);
    if (derived && this.#isTold(derived)) {
      const { rows, changed } = await this.#change(derived, {});
      return { rows: rows as never[], numAffectedRows: BigInt(changed) };
    }
    const result = await this.#inner.query.executeQuery<never>(compiled);
    this.#note(derived, isReading(query, sql) ? 0 : Number(result.numAffectedRows ?? 0));
    return result;
  }

  #isTold({ table }: Derived): boolean {
    return !NOISE.has(table) && !this.#silent.has(table);
  }

  async #change(derived: Derived, parameters: object): Promise<Outcome<Values>> {
    const { before, change, own, kind } = derived;
    const was = before ? await this.#inner.all(before, parameters) : [];
    const rows = await this.#inner.all(change, parameters);
    const some = rows.slice(0, MOST_ROWS);
    // A row that was only locked is what it was.
    const isSame = kind === "update" && rows.length === was.length && isDeepStrictEqual(was, rows);
    if (!isSame) this.#note(derived, rows.length, kind === "delete" ? [some, []] : [was, some]);
    return { rows: rows.map(own), changed: rows.length };
  }

  /** Notes also what cannot be told row by row, so that no change is without a record. */
  #note(derived: Derived | null, rows: number, [before, after]: readonly (readonly Values[])[] = [[], []]): void {
    const { table = "several", kind = "update" } = derived ?? {};
    const isNoise =
      this.#silent.has(table) || table === "idempotency_keys" || (table === "outbox" && kind === "insert");
    if (rows > 0 && !isNoise && this.changed.length < MOST_STATEMENTS)
      this.changed.push({ table, kind, rows, before: before!, after: after! });
  }

  #kysely(): Kysely<DB> {
    const [Adapter, Introspector, Compiler] = parts[this.#dialect];
    const connection: DatabaseConnection = {
      executeQuery: (compiled: CompiledQuery) => this.#next(() => this.#run(compiled)),
      streamQuery: () => {
        throw new Error("A transaction that is recorded streams nothing.");
      },
    };
    const driver: Driver = {
      init: async () => {},
      acquireConnection: async () => connection,
      releaseConnection: async () => {},
      beginTransaction: async () => {},
      commitTransaction: async () => {},
      rollbackTransaction: async () => {},
      destroy: async () => {},
    };
    return new Kysely<DB>({
      dialect: {
        createAdapter: () => new Adapter(),
        createDriver: () => driver,
        createIntrospector: (db) => new Introspector(db),
        createQueryCompiler: () => new Compiler(),
      },
    });
  }
}
