/** The only reader of the environment. It parses each setting once, and says in a sentence what is wrong. */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigError, flag, optional, oneOf, type Setting, share, text, url } from "./setting.ts";

export * from "./setting.ts";

type Values<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** Every declared setting by owner. `.env.example` and the operators' table are generated from it. */
export const declared = new Map<string, Record<string, Setting<unknown>>>();

/**
 * Declares settings and reads them from the environment.
 * @throws ConfigError in one sentence that names the variable
 */
export function defineConfig<S extends Record<string, Setting<unknown>>>(
  owner: string,
  settings: S,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Values<S> {
  declared.set(owner, settings);
  const values = Object.entries(settings).map(([name, { parse, fallback }]) => {
    const value = environment[name] || fromFile(name, environment[`${name}_FILE`]);
    if (value === undefined || value === "") {
      if (fallback === undefined) throw new ConfigError(`${name} must be set.`);
      return [name, fallback];
    }
    try {
      return [name, parse(value)];
    } catch (error) {
      throw new ConfigError(`${name} ${(error as Error).message}.`);
    }
  });
  return Object.freeze(Object.fromEntries(values)) as Values<S>;
}

/** Containers receive secrets as files: `NAME_FILE` holds the path of the file with NAME. */
function fromFile(name: string, path: string | undefined): string | undefined {
  if (!path) return undefined;
  const named = `${name}_FILE names ${JSON.stringify(path)}, which`;
  let value: string;
  try {
    value = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new ConfigError(`${named} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  // An empty file would count as "not set", and a generated secret would silently replace the one that the operator
  // meant to give.
  if (value === "") throw new ConfigError(`${named} is empty.`);
  return value;
}

export const platform = defineConfig("platform", {
  DATA_DIR: text("Folder of the embedded databases, keys and e-mails.", "data"),
  LOG_LEVEL: oneOf(["fatal", "error", "warn", "info", "debug", "trace"], "Least severe log line written.", "info"),
  LOG_FORMAT: oneOf(["pretty", "json"], "How log lines look.", "pretty"),
  TRACING_SHARE: share("Share of the requests that are traced, from 0 to 1.", 0.05),
  ZIPKIN_URL: optional(url(["http", "https"], "Zipkin collector that receives the spans, e.g. http://zipkin:9411.")),
  METRICS: flag("Count calls, errors and times.", true),
});

export const dataDir = (): string => resolve(platform.DATA_DIR);

const because = (code: string | undefined) => (code === "ENOSPC" ? "no room is left on its disk" : code);

/** Makes a folder step by step, because Node's own recursive mkdir never returns below a folder such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/**
 * Only its owner may read the data folder, even when somebody made the folder beforehand. A folder that holds foreign
 * files, or belongs to another user, is left as it is.
 */
function closeFolder(): void {
  const entries = readdirSync(dataDir());
  if (entries.length > 0 && !entries.includes("keys")) return;
  if (statSync(dataDir()).uid === process.getuid?.()) chmodSync(dataDir(), 0o700);
}

let isClosed = false;

/**
 * Makes the folders of a path below the data folder, and answers the path.
 * @throws ConfigError naming the folder when it cannot be written
 */
export function dataPath(...parts: string[]): string {
  const path = join(dataDir(), ...parts);
  try {
    makeFolder(dataDir());
    if (!isClosed) closeFolder();
    isClosed = true;
    makeFolder(dirname(path));
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another process may have made the folder at the same moment.
    if (code !== "EEXIST" || !existsSync(dirname(path)))
      throw new ConfigError(
        `The data folder ${dataDir()} cannot be written (${because(code)}): set DATA_DIR to another.`,
      );
  }
  return path;
}

/** Creates a file that only its owner may read, or restricts it. SQLite's files beside it inherit its mode. */
export function privateFile(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    if (existsSync(file) && statSync(file).uid === process.getuid?.()) chmodSync(file, 0o600);
  }
}

/** A secret that nobody configured: it is generated once and kept in the data folder with mode 0600. */
export function generatedSecret(name: string, make: () => string): string {
  const path = dataPath("keys", name);
  if (existsSync(path)) return readFileSync(path, "utf8");
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, make(), { mode: 0o600 });
    // A hard link appears whole or not at all. So two processes that start together agree on one secret, and a crash
    // leaves no half-written key.
    linkSync(draft, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST")
      throw new ConfigError(`The file ${path} cannot be written (${because(code)}): set DATA_DIR to another.`);
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, "utf8");
}
