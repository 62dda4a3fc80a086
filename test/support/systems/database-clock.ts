/** An empty database for a service that does not run, with a clock that the spec sets. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { makeDatabases, storage } from "./storage.ts";

/** On PostgreSQL, a function of its own stands before that of the server. */
const install = (milliseconds: number) => `
  drop schema if exists hand cascade;
  drop schema public cascade;
  create schema public;
  create schema hand;
  create table hand.clock as select ${milliseconds}::bigint as milliseconds;
  create function hand.clock_timestamp() returns timestamptz language sql volatile
    as 'select to_timestamp(milliseconds / 1000.0) from hand.clock';
  do $$ begin
    execute format('alter database %I set search_path = public, hand, pg_catalog', current_database());
  end $$`;

/**
 * Empties the database of a service, and stops its clock at this time.
 * @returns a function that moves the clock on; on SQLite, whose clock is the process's, it does nothing
 */
export async function newDatabase(
  service: string,
  milliseconds: number,
): Promise<(milliseconds: number) => Promise<void>> {
  if (storage() === "sqlite") {
    for (const end of ["", "-wal", "-shm"]) rmSync(join(process.env.DATA_DIR!, `${service}.db${end}`), { force: true });
    return async () => {};
  }
  await makeDatabases([service]);
  const ask = async (sql: string) => {
    const client = new pg.Client({ connectionString: process.env.DATABASE_URL!.replace("{service}", service) });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await ask(install(milliseconds));
  return (more) => ask(`update hand.clock set milliseconds = milliseconds + ${more}`);
}
