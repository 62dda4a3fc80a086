/** Opens the database of a service that the settings name, and waits for a server that starts later than this node. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { ConfigError, dataPath } from "#core/config.ts";
import { databaseUrl, topology } from "../node/topology.ts";
import { sql as raw } from "kysely";
import type { ServiceBroker } from "moleculer";
import type { AnyTransaction, Database, SharedCache } from "./database.ts";
import { diskOf } from "./sqlite/disk.ts";
import { lockFile } from "./sqlite/lock.ts";
import { connection, DATABASE_POOL, DATABASE_TIMEOUT, type PoolOptions } from "./postgres/pool.ts";
import { PostgresDatabase } from "./postgres/database.ts";
import { SqliteDatabase } from "./sqlite/database.ts";

/** Milliseconds that a starting node waits for PostgreSQL, and milliseconds between two attempts. */
const PATIENCE = 60_000;
const PAUSE = 500;

/**
 * Retrying does not help with these: invalid_authorization, invalid_password, invalid_catalog_name (no such database),
 * no privilege.
 */
const REFUSED = new Set(["28000", "28P01", "3D000", "42501"]);

interface Options {
  readonly service: string;
  /** The broker whose log and health report that the disk is full. */
  readonly broker?: ServiceBroker;
  readonly cache: SharedCache | null;
  /** For a command that changes something once while another process has the database open. */
  readonly isShared?: boolean;
  readonly warn: (line: string) => void;
}

/** @throws ConfigError when it cannot be opened */
export async function openDatabase<DB>({
  service,
  broker,
  cache,
  warn,
  isShared = false,
}: Options): Promise<Database<DB>> {
  const url = databaseUrl(service);
  if (url === null) return isShared ? new SqliteDatabase<DB>(dataPath(`${service}.db`)) : openFile(service, broker);
  const options = { url, name: topology.nodeId, size: DATABASE_POOL, timeout: DATABASE_TIMEOUT };
  await reachServer(options, warn);
  return new PostgresDatabase<DB>({ ...options, ...(cache && { cache }) });
}

/**
 * Opens a SQLite file of the data folder, for this process alone.
 * @throws ConfigError when another process has it open, or when it is damaged or cannot be written
 */
export function openFile<DB>(name: string, broker?: ServiceBroker): Database<DB> {
  const path = dataPath(`${name}.db`);
  const release = lockFile(path);
  let db: Database<DB> | undefined;
  const onFault = ({ message }: Error) =>
    broker && diskOf(broker).failed(name, { reason: message, tryAgain: () => db!.write(touch) });
  try {
    if (broker) diskOf(broker);
    return (db = new SqliteDatabase<DB>(path, { onFault, onClose: release }));
  } catch (error) {
    release();
    throw error;
  }
}

/** Writes to the database without changing anything. */
const touch = (tx: AnyTransaction) => raw`update kysely_migration_lock set is_locked = is_locked`.execute(tx.query);

/** @throws ConfigError at once when the server refuses, or after a minute when it cannot be reached */
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

/** Why no connection can be made; null when one can. */
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
