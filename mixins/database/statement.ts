/** SQL that is written once with Kysely's types, compiled once per dialect, and run with named parameters. */
import { hash } from "node:crypto";
import {
  type Compilable,
  type CompiledQuery,
  createQueryId,
  DummyDriver,
  Kysely,
  type OperationNodeSource,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RootOperationNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

export type Dialect = "sqlite" | "postgres";

/** A compiled statement: SQL with positions, and for each position the name of a parameter or a constant. */
export interface Compiled {
  readonly sql: string;
  /** The name of the prepared statement on the server. The same SQL has the same name. */
  readonly name: string;
  readonly bind: (parameters: object) => unknown[];
}

export interface Statement<Parameters extends object, Row> {
  compiled(dialect: Dialect): Compiled;
  /** As Kysely built it, for statements that follow from it. */
  node(dialect: Dialect): RootOperationNode;
  /** Binds the parameters; the result is data. */
  with(parameters: Parameters): Query<Row>;
  readonly "~types"?: (parameters: Parameters) => Row;
}

/** A statement with its parameters. Nothing happens until something sends it. */
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
 * Makes statements over the tables `DB`. Building SQL for each call costs more than running it on SQLite, so frequent
 * SQL is compiled once: `const find = sql((q, p: { id: string }) => q.selectFrom("orders").selectAll().where("id", "=",
 * p.id))`, then `await tx.one(find, { id })`, or `find.with({ id })` for a list of writes. The parameters in `p` are
 * placeholders: do not compute with them.
 */
export const statements =
  <DB>() =>
  <Parameters extends object, Row>(
    build: (query: Kysely<DB>, parameters: Parameters) => Compilable<Row>,
  ): Statement<Parameters, Row> => {
    const cache: Partial<Record<Dialect, Compiled>> = {};
    const statement: Statement<Parameters, Row> = {
      compiled: (dialect) => (cache[dialect] ??= compile(dialect, build)),
      node: (dialect) => nodeOf(dialect, build),
      with: (parameters) => ({ statement, parameters }),
    };
    return statement;
  };

/** The named parameters as columns of the same names, such as `values(columns(p, "id", "status"))`. */
export const columns = <P extends object, K extends keyof P>(parameters: P, ...names: readonly K[]): Pick<P, K> =>
  Object.fromEntries(names.map((name) => [name, parameters[name]])) as Pick<P, K>;

type Build = (query: never, parameters: never) => Compilable;

const nodeOf = (dialect: Dialect, build: Build): RootOperationNode =>
  (
    build(compilers[dialect] as never, placeholders as never) as unknown as OperationNodeSource
  ).toOperationNode() as RootOperationNode;

/** The statement of a node, whose values may be placeholders of the statement that it follows from. */
export function statementOf<Row>(dialect: Dialect, node: RootOperationNode): Statement<object, Row> {
  const compiled = bound(compilers[dialect].getExecutor().compileQuery(node, createQueryId()));
  const statement: Statement<object, Row> = {
    compiled: () => compiled,
    node: () => node,
    with: (parameters) => ({ statement, parameters }),
  };
  return statement;
}

const compile = (dialect: Dialect, build: Build): Compiled =>
  bound(build(compilers[dialect] as never, placeholders as never).compile());

function bound({ sql, parameters }: Pick<CompiledQuery, "sql" | "parameters">): Compiled {
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
