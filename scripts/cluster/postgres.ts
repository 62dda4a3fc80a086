/** A PostgreSQL server for a local cluster: durable as in production, with one database and one role per service. */
import { spawnSync } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import pg from "pg";
import { ConfigError } from "#core/config.ts";
import { isAlive } from "#mixins/node/alive.ts";
import { initdb as initdbFlags, postgresSettings } from "../../deploy/topology.ts";
import { binaries, type Binaries, childrenOf, privileges } from "./postgres.binaries.ts";
import { answers, type Server, type ServerOptions, startServer } from "./server.ts";

export interface Postgres extends Server {
  /** Makes the service's database and role unless they are there. @returns its URL */
  database(service: string): Promise<string>;
}

const root = join(import.meta.dirname, "../..");
const statements = readFileSync(join(root, "deploy/postgres/database.sql"), "utf8")
  .split(/;\s*$/m)
  .filter((statement) => statement.trim() !== "");

/** The first packet of a session (PostgreSQL's protocol, StartupMessage 3.0): only when it serves does the server ask for a password. */
const greeting = Buffer.from("\0\0\0\x17\0\x03\0\0user\0postgres\0\0", "latin1");

const settings = {
  ...postgresSettings,
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  // For more nodes than in containers; of what it has to tell only what ends it is shown.
  max_connections: 400,
  log_min_messages: "fatal",
  // In the data folder, and gone with it: a server that is killed leaves what it shares elsewhere until the machine restarts.
  dynamic_shared_memory_type: "mmap",
};

function run(file: string, ...args: string[]): void {
  const [command, ...rest] = privileges.length > 0 ? ["setpriv", ...privileges, "--", file, ...args] : [file, ...args];
  const { status, stdout, stderr, error } = spawnSync(command, rest, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${file} failed: ${error?.message ?? `${stdout}${stderr}`}`);
}

/** An empty cluster to copy, made once for each version: copying is several times faster than initdb. */
function template({ initdb, version }: Binaries): string {
  const cache = join(root, "node_modules/.cache/madang");
  const path = join(cache, `postgres-${version}-${process.getuid?.() ?? 0}`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "draft-"));
  const data = join(draft, "data");
  run(initdb, "-D", data, "-U", "postgres", "--no-sync", ...initdbFlags, ...secret(draft));
  try {
    renameSync(data, path);
  } catch (error) {
    // Another process made it first.
    if (!existsSync(path)) throw error;
  }
  rmSync(draft, { recursive: true, force: true });
  return path;
}

/** initdb wants a first password; each copy is given its own before anybody can reach it. */
function secret(draft: string): string[] {
  const file = join(draft, "password");
  writeFileSync(file, randomBytes(18).toString("base64url"), { mode: 0o600 });
  return [`--pwfile=${file}`];
}

function sql(postgres: string, data: string, statement: string): void {
  const wrapped = privileges.length > 0 ? ["setpriv", ...privileges, "--", postgres] : [postgres];
  const [command, ...args] = [...wrapped, "--single", "-D", data, "postgres"];
  const { status, stderr } = spawnSync(command, args, { input: `${statement}\n`, encoding: "utf8" });
  if (status !== 0) throw new Error(`PostgreSQL could not be prepared: ${stderr}`);
}

/** The administrator's password, kept beside the data: the same folder can be started again. */
function prepare(folder: string, found: Binaries): string {
  const [data, passwordFile] = [join(folder, "data"), join(folder, "password")];
  if (existsSync(passwordFile)) return readFileSync(passwordFile, "utf8");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(data, { recursive: true, force: true });
  const password = randomBytes(18).toString("base64url");
  run("cp", "-R", template(found), data);
  sql(found.postgres, data, `ALTER ROLE postgres PASSWORD '${password}'`);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  return password;
}

/** PostgreSQL works inside its data folder. */
function runsIn(pid: number, data: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
  } catch {
    return process.platform !== "linux";
  }
}

/**
 * Removes the lock file of a server that was killed: PostgreSQL would believe it as long as any process has that number.
 * @throws ConfigError when that server runs
 */
export function unlock(folder: string): void {
  const data = join(folder, "data");
  const lock = join(data, "postmaster.pid");
  if (!existsSync(lock)) return;
  if (runsIn(Number.parseInt(readFileSync(lock, "utf8"), 10), data))
    throw new ConfigError(`PostgreSQL already runs in ${data}: another cluster uses this data folder.`);
  rmSync(lock);
}

async function execute(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** What there is of a name: somebody who made it may have died in between. */
async function existing(client: pg.Client, name: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ kind: string }>(
    "SELECT 'ROLE' AS kind FROM pg_roles WHERE rolname = $1 UNION ALL SELECT 'DATABASE' FROM pg_database WHERE datname = $1",
    [name],
  );
  return rows.map(({ kind }) => kind);
}

/**
 * Makes the service's database and role unless they are there.
 * @param administrator the URL by which the server's administrator reaches it
 * @returns the URL for the service
 */
export async function makeDatabase(administrator: string, service: string): Promise<string> {
  const name = service.replaceAll("-", "_");
  const { password, host } = new URL(administrator);
  const own = createHmac("sha256", password).update(name).digest("base64url");
  await execute(administrator, async (client) => {
    const known = await existing(client, name);
    for (const statement of statements.filter((one) => !known.some((kind) => one.includes(`CREATE ${kind}`))))
      await client.query(
        statement
          .replaceAll(':"service"', client.escapeIdentifier(name))
          .replaceAll(":'password'", client.escapeLiteral(own)),
      );
  });
  return `postgres://${name}:${own}@${host}/${name}`;
}

interface Options extends ServerOptions {
  /** Whether every commit is on disk before it is answered, as it is unless this is false: else a loss of power may cost data. */
  readonly fsync?: boolean;
}

/** Starts PostgreSQL on 127.0.0.1. */
export async function startPostgres({ fsync = true, ...options }: Options): Promise<Postgres> {
  const folder = resolve(options.folder);
  const found = await binaries();
  const password = prepare(folder, found);
  unlock(folder);
  const flags = Object.entries({ ...settings, fsync }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = await startServer({
    name: "postgres",
    options,
    command: (port) => ({
      command: [found.postgres, "-D", join(folder, "data"), "-p", `${port}`, ...flags],
      privileges,
    }),
    isReady: (port) => answers(port, greeting, "SCRAM-SHA-256"),
    stopSignal: "SIGINT",
    family: childrenOf,
  });
  const url = `postgres://postgres:${password}@127.0.0.1:${server.port}/postgres`;
  return Object.assign(server, { url, database: (service: string) => makeDatabase(url, service) });
}
