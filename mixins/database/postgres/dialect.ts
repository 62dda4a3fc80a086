/** A Kysely dialect over one function that runs SQL on a connection of PostgreSQL. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import { type Answer, countOf } from "./batch.ts";

export type Run = (sql: string, values: readonly unknown[]) => Promise<Answer>;

class RunDriver implements Driver {
  readonly #connection: DatabaseConnection;

  constructor(run: Run) {
    this.#connection = {
      async executeQuery<R>({ sql, parameters }: CompiledQuery) {
        const answer = await run(sql, parameters);
        const rows = answer.rows as R[];
        return answer.tag.startsWith("SELECT") ? { rows } : { rows, numAffectedRows: BigInt(countOf(answer)) };
      },
      streamQuery: () => refuse(),
    };
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
  beginTransaction = async (): Promise<void> => refuse();
  commitTransaction = async (): Promise<void> => refuse();
  rollbackTransaction = async (): Promise<void> => refuse();
}

const refuse = (): never => {
  throw new Error("Use `write` of the database for a transaction.");
};

export const kyselyOver = <DB>(run: Run): Kysely<DB> =>
  new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new RunDriver(run),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
