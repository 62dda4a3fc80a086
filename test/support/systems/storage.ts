/**
 * Fresh databases of either kind for specs. A spec of the storage itself runs on each:
 *
 *   describe.each(storages)("Database on %s", (kind) => {
 *     let db: Database<Tables>;
 *     beforeEach(async () => (db = await openStorage<Tables>(kind)));
 *     afterEach(() => db.close());
 *
 * A spec that starts services runs again on PostgreSQL from a second file, `x.postgres.spec.ts`:
 *
 *   import { usePostgres } from "../test/support/systems/storage.ts";
 *   await usePostgres();
 *   await import("./x.spec.ts");
 *
 * `startBroker` then makes the database of each service that it starts. Where a spec looks into a file or a table with
 * its own means, `storage()` tells which of the two it runs on, and `storageUrl(service)` where PostgreSQL is.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { newId } from "#core/clock.ts";
import type { Database, SharedCache } from "#mixins/database/database.ts";
import { PostgresDatabase } from "#mixins/database/postgres/database.ts";
import { SqliteDatabase } from "#mixins/database/sqlite/database.ts";
import { type Postgres, startPostgres } from "../../../scripts/cluster/servers.ts";
import { eventually } from "./notes-service.ts";

export type Storage = "sqlite" | "postgres";
export const storages: readonly Storage[] = ["sqlite", "postgres"];

let server: Promise<Postgres> | undefined;

/** The server of this spec file, started when it is first asked for and ended after its last test. */
export const postgres = (): Promise<Postgres> => (server ??= start());

async function start(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "madang-postgres-"));
  // Specs kill the server, which the system's cache of the disk survives; none cuts the power.
  const started = await startPostgres({ folder, fsync: false });
  stop = async () => {
    await started.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return started;
}

let stop: (() => Promise<void>) | undefined;
afterAll(() => stop?.());

/** An empty database of its own. */
export async function openStorage<DB>(kind: Storage): Promise<Database<DB>> {
  if (kind === "sqlite") return new SqliteDatabase<DB>(join(process.env.DATA_DIR!, `${newId()}.db`));
  // How busy the machine is must not decide what a spec finds.
  return new PostgresDatabase<DB>({ url: await emptyDatabase(), name: "spec", size: 8, timeout: 60_000 });
}

/** @returns the URL of an empty database, for the role that owns it */
export const emptyDatabase = async (): Promise<string> =>
  (await postgres()).database(`t${newId().replaceAll("-", "")}`);

export const openPostgres = <DB>(url: string, size = 8, cache?: SharedCache): PostgresDatabase<DB> =>
  new PostgresDatabase<DB>({ url, name: "spec", size, ...(cache && { cache }) });

/** The same database for an administrator, who may look at the sessions of others and end them. */
export async function administratorOf(url: string): Promise<string> {
  const administrator = new URL((await postgres()).url);
  administrator.pathname = new URL(url).pathname;
  return administrator.href;
}

/** Resolves when so many sessions of this database wait for a lock. */
export const lockWaits = <DB>(db: Database<DB>, count: number): Promise<unknown> =>
  eventually(async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    `.execute(db.query);
    return rows[0]!.count >= count;
  });

/** Every service of this spec file keeps its rows in PostgreSQL; call it before anything is imported that reads the settings. */
export async function usePostgres(): Promise<void> {
  process.env.DATABASE_URL = (await postgres()).url.replace(/\/postgres$/, "/{service}");
  // Many ask at once, and on a busy machine each holds its connection for long.
  process.env.DATABASE_TIMEOUT = "60000";
}

/** Where the services of this spec file keep their rows. */
export const storage = (): Storage => (process.env.DATABASE_URL ? "postgres" : "sqlite");

export const storageUrl = async (service: string): Promise<string> => (await postgres()).database(service);

/** What an operator does before a service is started for the first time. */
export async function makeDatabases(services: readonly string[]): Promise<void> {
  if (storage() === "sqlite") return;
  for (const service of services) await storageUrl(service);
}
