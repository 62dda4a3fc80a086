/**
 * Ensures that one process at a time has an embedded database, because its cache, its saga owners and its relay do not
 * know of another process. The lock is SQLite's own on an empty file beside the database, and the system releases it
 * when the process ends in any way.
 */
import { DatabaseSync } from "node:sqlite";
import { dirname } from "node:path";
import { ConfigError, privateFile } from "#core/config.ts";
import { BUSY, codeOf, explained } from "./faults.ts";

/** Milliseconds to wait for a process that is just ending. */
const PATIENCE = 1000;

interface Held {
  readonly file: DatabaseSync;
  holders: number;
}

const held = new Map<string, Held>();

/**
 * @param path of the database
 * @returns a function that releases the lock. A process may take the same lock several times.
 * @throws ConfigError while another process holds it
 */
export function lockFile(path: string): () => void {
  const lock = held.get(path) ?? { file: take(path), holders: 0 };
  held.set(path, lock);
  lock.holders += 1;
  return () => {
    lock.holders -= 1;
    if (lock.holders > 0) return;
    held.delete(path);
    lock.file.close();
  };
}

function take(path: string): DatabaseSync {
  const name = `${path}.lock`;
  let file: DatabaseSync | undefined;
  try {
    privateFile(name);
    file = new DatabaseSync(name);
    file.exec(`PRAGMA busy_timeout = ${PATIENCE}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE`);
    return file;
  } catch (error) {
    file?.close();
    if (codeOf(error) !== BUSY) throw explained(name, error);
    throw new ConfigError(
      `Another process of Madang uses the data folder ${dirname(path)}: end it first, or set DATA_DIR to another.`,
    );
  }
}
