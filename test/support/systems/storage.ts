/**
 * The database that a spec runs on: one run for each that its first lines name, as `@databases sqlite postgres`.
 * `startBroker` makes the database of each service that it starts, and `openStorage` an empty one. Where a spec looks into a
 * file or a table with its own means, `storage()` tells which of the two it runs on.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { newId } from "#core/id.ts";
import type { Database, SharedCache } from "#mixins/database/database.ts";
import { PostgresDatabase } from "#mixins/database/postgres/database.ts";
import { SqliteDatabase } from "#mixins/database/sqlite/database.ts";
import { makeDatabase, type Postgres, startPostgres } from "../../../scripts/cluster/servers.ts";
import { eventually } from "../fixtures/eventually.ts";

export const storage = (): "sqlite" | "postgres" => (process.env.DATABASE_URL ? "postgres" : "sqlite");

/** The administrator's URL of the server that all specs of a run share, or of the spec's own. */
export const serverUrl = (): string => process.env.SPEC_POSTGRES_URL!;

/** A server that the spec may stop and kill, instead of the shared one. */
export async function ownPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "madang-postgres-"));
  // Specs kill the server, which the system's cache of the disk survives; none cuts the power.
  const server = await startPostgres({ folder, fsync: false });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  process.env.SPEC_POSTGRES_URL = server.url;
  process.env.DATABASE_URL = new URL("/{service}", server.url).href;
  return server;
}

/** An empty database of its own. */
export async function openStorage<DB>(): Promise<Database<DB>> {
  if (storage() === "sqlite") return new SqliteDatabase<DB>(join(process.env.DATA_DIR!, `${newId()}.db`));
  return openPostgres<DB>(await emptyDatabase());
}

/** @returns the URL of an empty database, for the role that owns it */
export const emptyDatabase = (): Promise<string> => databaseOf(newId());

/** Makes it where the setting says. */
function databaseOf(service: string): Promise<string> {
  const name = decodeURIComponent(new URL(process.env.DATABASE_URL!).pathname.slice(1));
  return makeDatabase(serverUrl(), name.replace("{service}", service));
}

interface PostgresOptions {
  readonly size?: number;
  /** Milliseconds that a statement waits for a connection or a lock. On a busy machine a short time ends what nothing is wrong with. */
  readonly timeout?: number;
  readonly cache?: SharedCache;
}

export const openPostgres = <DB>(
  url: string,
  { size = 8, timeout = 60_000, cache }: PostgresOptions = {},
): PostgresDatabase<DB> => new PostgresDatabase<DB>({ url, name: "spec", size, timeout, ...(cache && { cache }) });

/** The same database for an administrator, who may look at the sessions of others and end them. */
export const administratorOf = (url: string): string => new URL(new URL(url).pathname, serverUrl()).href;

/** Resolves when so many sessions of this database wait for a lock. */
export const lockWaits = <DB>(db: Database<DB>, count: number): Promise<unknown> =>
  eventually(async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    `.execute(db.query);
    return rows[0]!.count >= count;
  });

/** What an operator does before a service is started for the first time. */
export async function makeDatabases(services: readonly string[]): Promise<void> {
  if (storage() === "sqlite") return;
  for (const service of services) await databaseOf(service);
}
