/** Opens the database of a service where the settings say it is, and waits for a server that starts later than this node. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { ConfigError, count, dataPath, defineConfig } from "#core/config.ts";
import { databaseUrl, topology } from "#core/topology.ts";
import type { Database, SharedCache } from "./database.ts";
import { connection, type PoolOptions } from "./pool.ts";
import { PostgresDatabase } from "./postgres.ts";
import { SqliteDatabase } from "./sqlite.ts";

const { DATABASE_POOL } = defineConfig("database", {
  DATABASE_POOL: count("Connections of one service to its PostgreSQL database at most.", 8, { least: 1, most: 1000 }),
});

/** Milliseconds that a node waits for PostgreSQL when they start together, and between two attempts. */
const PATIENCE = 60_000;
const PAUSE = 500;

/** Waiting does not help: invalid_authorization, invalid_password, invalid_catalog_name (no such database), no privilege. */
const REFUSED = new Set(["28000", "28P01", "3D000", "42501"]);

interface Options {
  readonly service: string;
  readonly cache: SharedCache | null;
  readonly warn: (line: string) => void;
}

/** @throws ConfigError when it cannot be opened */
export async function openDatabase<DB>({ service, cache, warn }: Options): Promise<Database<DB>> {
  const url = databaseUrl(service);
  if (url === null) return openFile(service);
  const options = { url, name: topology.nodeId, size: DATABASE_POOL };
  await reachServer(options, warn);
  return new PostgresDatabase<DB>({ ...options, ...(cache && { cache }) });
}

function openFile<DB>(service: string): Database<DB> {
  const path = dataPath(`${service}.db`);
  try {
    return new SqliteDatabase<DB>(path);
  } catch (error) {
    throw new ConfigError(`The database ${path} cannot be opened for writing: ${(error as Error).message}.`);
  }
}

/** @throws ConfigError at once when the server refuses, and when it cannot be reached for a minute */
export async function reachServer(
  options: PoolOptions,
  warn: (line: string) => void,
  patience = PATIENCE,
): Promise<void> {
  const deadline = performance.now() + patience;
  for (let attempt = 1; ; attempt += 1) {
    const fault = await greet(options);
    if (!fault) return;
    const { host, port, database } = fault.client;
    const at = `PostgreSQL at ${host}:${port}`;
    if (REFUSED.has(fault.code))
      throw new ConfigError(`${at} refuses the database ${database}: ${fault.message}; check DATABASE_URL.`);
    if (performance.now() > deadline)
      throw new ConfigError(`${at} cannot be reached (${fault.code}): start it, or change DATABASE_URL.`);
    if (attempt === 1) warn(`Waiting for ${at} (${fault.code}).`);
    await sleep(PAUSE);
  }
}

interface Fault {
  readonly client: pg.Client;
  readonly code: string;
  readonly message: string;
}

/** What keeps us from a connection; null when nothing does. */
async function greet(options: PoolOptions): Promise<Fault | null> {
  const client = new pg.Client(connection(options));
  client.on("error", () => {});
  try {
    await client.connect();
    return null;
  } catch (error) {
    const { message, code } = error as pg.DatabaseError;
    return { client, message, code: code ?? message };
  } finally {
    await client.end();
  }
}
