/** Connections to one PostgreSQL database: how many, how long each step may take, and how values come back. */
import pg, { type CustomTypesConfig, type Pool, type PoolConfig } from "pg";

/** Milliseconds; `PoolOptions.timeout` unless it is given. */
const TIMEOUT = 2000;
const STATEMENT = 10_000;
/** The server did not even say that the statement took too long: it is out of reach. */
const SILENCE = 12_000;
const UNUSED = 30_000;

/** Reads by default: only a transaction that was begun may write. A lost host is noticed by the server within a minute. */
const SESSION =
  "-c default_transaction_read_only=on -c tcp_keepalives_idle=20 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3";

const INT8 = 20;
const NUMERIC = 1700;

export interface PoolOptions {
  readonly url: string;
  /** What the server shows for these connections. */
  readonly name: string;
  /** Connections at most. */
  readonly size: number;
  /**
   * Milliseconds that a statement waits for a connection or for a lock: no longer than its caller does, since a transaction that
   * was given up must not keep its connection while it is tried again.
   */
  readonly timeout?: number;
}

/** Amounts and counts come as numbers, as from SQLite: they stay below 2^53. */
export const types: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text") =>
    // The sum of an int8 is numeric.
    oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** What every connection has, whatever it is for. */
export const connection = ({ url, name, timeout = TIMEOUT }: PoolOptions): PoolConfig => ({
  connectionString: url,
  application_name: name,
  // Shorter: where the host is gone nobody refuses, and the caller must hear that before it gives up itself.
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
    // A process that stands still holds rows that others wait for: it loses them before those are given up.
    idle_in_transaction_session_timeout: (options.timeout ?? TIMEOUT) / 2,
    query_timeout: SILENCE,
    options: SESSION,
  });

/** Whoever uses a lost connection hears of it by its statement, and the pool makes another: nothing else is left to do. */
export function quietPool(config: PoolConfig): Pool {
  const pool = new pg.Pool(config);
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}
