/** Translates the error codes of SQLite (https://www.sqlite.org/rescode.html). */
import { dirname } from "node:path";
import { ConfigError } from "#core/config.ts";
import { sharedError } from "#core/errors.ts";

export const BUSY = 5;
export const CORRUPT = 11;
const [PERM, LOCKED, READONLY, IOERR, FULL, CANTOPEN, FORMAT, NOTADB] = [3, 6, 8, 10, 13, 14, 24, 26];
/** Faults of the disk or the file, for which the request is not to blame. */
const UNAVAILABLE = new Set([BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB]);
/** Faults that last until an operator acts. */
const LASTING = new Set([READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB]);

/** The primary result code of an error or of its cause. Extended codes hold it in their low byte. */
export function codeOf(error: unknown): number {
  const { errcode, cause } = error as { errcode?: number; cause?: unknown };
  return errcode === undefined && cause ? codeOf(cause) : (errcode ?? 0) & 0xff;
}

/** True for a fault of the disk or the file that the next request will meet too. */
export const isLasting = (error: unknown): boolean => LASTING.has(codeOf(error));

/** Translates a storage fault into STORAGE_UNAVAILABLE. Every other error stays as it is. */
export const translate = (error: unknown): unknown =>
  UNAVAILABLE.has(codeOf(error)) ? sharedError("STORAGE_UNAVAILABLE", { reason: (error as Error).message }) : error;

/** Explains why a starting node cannot open its database, and what to do. Other errors stay as they are. */
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
