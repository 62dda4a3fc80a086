/** What the errors of SQLite mean to us (https://www.sqlite.org/rescode.html). */
import { dirname } from "node:path";
import { ConfigError } from "#core/config.ts";
import { sharedError } from "#core/errors.ts";

export const BUSY = 5;
export const CORRUPT = 11;
const [PERM, LOCKED, READONLY, IOERR, FULL, CANTOPEN, FORMAT, NOTADB] = [3, 6, 8, 10, 13, 14, 24, 26];
/** Not the request's fault. */
const UNAVAILABLE = new Set([BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB]);
/** What goes on until somebody does something about it. */
const LASTING = new Set([READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB]);

/** The primary result code, here or in what caused it; extended codes carry it in their low byte. */
export function codeOf(error: unknown): number {
  const { errcode, cause } = error as { errcode?: number; cause?: unknown };
  return errcode === undefined && cause ? codeOf(cause) : (errcode ?? 0) & 0xff;
}

/** True for a fault of the disk or of the file, which the next request meets too. */
export const isLasting = (error: unknown): boolean => LASTING.has(codeOf(error));

/** A storage fault becomes STORAGE_UNAVAILABLE, everything else stays what it is. */
export const translate = (error: unknown): unknown =>
  UNAVAILABLE.has(codeOf(error)) ? sharedError("STORAGE_UNAVAILABLE", { reason: (error as Error).message }) : error;

/** What keeps a node from its database when it starts, as a sentence with what to do; what is none of SQLite's stays what it is. */
export function explained(path: string, error: unknown): unknown {
  const { message, code } = error as NodeJS.ErrnoException;
  switch (codeOf(error)) {
    case 0:
      return /^E[A-Z]+$/.test(code ?? "")
        ? new ConfigError(`The file ${path} cannot be written (${code}): set DATA_DIR to another folder.`)
        : error;
    case FULL:
    case IOERR:
      return new ConfigError(
        `The disk of ${dirname(path)} is full or failing (${message}): make room there, or set DATA_DIR to another.`,
      );
    case CORRUPT:
    case FORMAT:
    case NOTADB:
      return new ConfigError(
        `The database ${path} is damaged (${message}): restore it from a backup, or move it away to begin anew.`,
      );
    case PERM:
    case READONLY:
    case CANTOPEN:
      return new ConfigError(
        `The database ${path} cannot be written (${message}): let this account write it, or set DATA_DIR to another.`,
      );
    case BUSY:
      return new ConfigError(`The database ${path} is in use by another process: end that one first.`);
    default:
      return new ConfigError(
        `The database ${path} does not fit this release (${message}): restore the one that does, or move it away.`,
      );
  }
}
