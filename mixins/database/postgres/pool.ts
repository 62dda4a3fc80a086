/** Connections to one PostgreSQL database: their number, their time limits, and how values are converted. */
import pg, { type CustomTypesConfig, type Pool, type PoolConfig } from "pg";
import { count, defineConfig, duration } from "#core/config.ts";

export const { DATABASE_POOL, DATABASE_TIMEOUT } = defineConfig("database", {
  DATABASE_POOL: count("The most connections of one service to its PostgreSQL database.", 8, { least: 1, most: 1000 }),
  DATABASE_TIMEOUT: duration(
    "Milliseconds that a statement waits for a connection of the pool or for a lock. After that the answer is 503.",
    2000,
    { least: 100 },
  ),
});

/** The default of `PoolOptions.timeout`, in milliseconds. */
const TIMEOUT = 2000;
const STATEMENT = 10_000;
/** The server did not even report that the statement took too long, so it is out of reach. */
const SILENCE = 12_000;
const UNUSED = 30_000;

/** Only an explicit transaction may write. The server notices a lost client within a minute. */
const SESSION =
  "-c default_transaction_read_only=on -c tcp_keepalives_idle=20 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3";

const INT8 = 20;
const NUMERIC = 1700;

export interface PoolOptions {
  readonly url: string;
  /** The application name that the server shows for these connections. */
  readonly name: string;
  /** The largest number of connections. */
  readonly size: number;
  /**
   * Milliseconds that a statement waits for a connection or a lock. It must not exceed the caller's own patience,
   * because a transaction whose caller has given up would hold its connection while the caller retries.
   */
  readonly timeout?: number;
}

/** Amounts and counts become numbers, as in SQLite: all of them are below 2^53. */
export const types: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text") =>
    // PostgreSQL returns the sum of an int8 as numeric.
    oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** The settings that every connection has. */
export const connection = ({ url, name, timeout = TIMEOUT }: PoolOptions): PoolConfig => ({
  connectionString: url,
  application_name: name,
  // This is shorter than the statement's limit: a host that is down refuses nothing, and the caller must hear of it
  // before it gives up.
  connectionTimeoutMillis: 0.75 * timeout,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  types,
});

export const openPool = (options: PoolOptions): Pool =>
  quietPool({
    ...connection(options),
    max: options.size,
    idleTimeoutMillis: UNUSED,
    statement_timeout: STATEMENT,
    lock_timeout: options.timeout ?? TIMEOUT,
    // A frozen process holds row locks that others wait for, so the server takes them away before those give up.
    idle_in_transaction_session_timeout: (options.timeout ?? TIMEOUT) / 2,
    query_timeout: SILENCE,
    options: SESSION,
  });

/** Ignores errors of idle connections: a statement reports the loss itself, and the pool opens another. */
export function quietPool(config: PoolConfig): Pool {
  const pool = new pg.Pool(config);
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}
