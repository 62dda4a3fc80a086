/** One PostgreSQL server for all specs of a run; each of them makes databases of its own on it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../../scripts/cluster/servers.ts";
import provideServers from "./servers.mjs";

let folder;
let server;

export default async function start() {
  provideServers();
  folder = mkdtempSync(join(tmpdir(), "madang-postgres-"));
  // A loss of power may cost what a spec has stored.
  server = await startPostgres({ folder, fsync: false });
  // The workers are started later, and inherit it.
  process.env.SPEC_POSTGRES_URL = server.url;
}

export async function stop() {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
