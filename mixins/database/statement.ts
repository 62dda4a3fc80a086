/** SQL written once in Kysely's types, compiled once per dialect, run with named parameters. */
import { hash } from "node:crypto";
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

export type Dialect = "sqlite" | "postgres";

/** A compiled statement: positional SQL, and for each position a name or a constant. */
export interface Compiled {
  readonly sql: string;
  /** The same for the same SQL: what a server that prepares it knows it by. */
  readonly name: string;
  readonly bind: (parameters: object) => unknown[];
}

export interface Statement<Parameters extends object, Row> {
  compiled(dialect: Dialect): Compiled;
  /** The statement with its parameters, as data. */
  with(parameters: Parameters): Query<Row>;
  readonly "~types"?: (parameters: Parameters) => Row;
}

/** A statement with its parameters: nothing happens before something sends it. */
export interface Query<Row = unknown> {
  readonly statement: Statement<never, Row>;
  readonly parameters: object;
}

class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) });

const compilers: Record<Dialect, Kysely<unknown>> = {
  sqlite: new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  postgres: new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
};

/**
 * Statements over the tables `DB`. Building SQL anew for each call costs more than running it on SQLite, so what runs
 * often is compiled once: `const find = sql((q, p: { id: string }) => q.selectFrom("orders").selectAll().where("id", "=", p.id))`,
 * then `await tx.one(find, { id })`, or `find.with({ id })` for a list of what is to be sent. The parameters in `p` stand for
 * values: do not compute with them.
 */
export const statements =
  <DB>() =>
  <Parameters extends object, Row>(
    build: (query: Kysely<DB>, parameters: Parameters) => Compilable<Row>,
  ): Statement<Parameters, Row> => {
    const cache: Partial<Record<Dialect, Compiled>> = {};
    const statement: Statement<Parameters, Row> = {
      compiled: (dialect) => (cache[dialect] ??= compile(dialect, build)),
      with: (parameters) => ({ statement, parameters }),
    };
    return statement;
  };

/** The named parameters as columns of the same names: `values(columns(p, "id", "status"))`. */
export const columns = <P extends object, K extends keyof P>(parameters: P, ...names: readonly K[]): Pick<P, K> =>
  Object.fromEntries(names.map((name) => [name, parameters[name]])) as Pick<P, K>;

function compile(dialect: Dialect, build: (query: never, parameters: never) => Compilable): Compiled {
  const { sql, parameters } = build(compilers[dialect] as never, placeholders as never).compile();
  const positions = parameters.map((one) => (one instanceof Placeholder ? one.name : null));
  return {
    sql,
    name: hash("sha1", sql, "base64url"),
    bind: (values) =>
      positions.map((name, index) =>
        name === null ? parameters[index] : ((values as Record<string, unknown>)[name] ?? null),
      ),
  };
}
