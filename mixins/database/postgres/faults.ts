/** Translates the error codes of PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
import { DatabaseError } from "pg";
import { ConfigError } from "#core/config.ts";
import { isError, sharedError } from "#core/errors.ts";

/**
 * Connection exceptions, insufficient resources, operator intervention, system errors; then lock_not_available,
 * idle_in_transaction_session_timeout and transaction_timeout.
 */
const UNAVAILABLE = /^(08|53|57|58|55P03|25P03|25P04)/;
/** serialization_failure, deadlock_detected: the server has rolled the transaction back, and it can be run again. */
const CONFLICT = /^(40001|40P01)/;
/** foreign_key_violation: the referenced row was removed after it had been looked up, or the reverse. */
const OVERTAKEN = "23503";
/** character_not_in_repertoire: text with U+0000, which PostgreSQL cannot store. */
const UNSTORABLE = "22021";

/** invalid_text_representation: a statement that must change a row says so that it changed none, see `required`. */
const UNREADABLE = "22P02";
export const UNCHANGED = "no row was changed";

const sqlState = (error: unknown): string => (error instanceof DatabaseError && error.code) || "";

/** True when another transaction interfered. When this one is run again, it sees the other one's result. */
export const isConflict = (error: unknown): boolean => CONFLICT.test(sqlState(error)) || sqlState(error) === OVERTAKEN;

/** True for a prepared statement that a migration made invalid. Only a new connection prepares it anew. */
export const isStalePlan = (error: unknown): boolean =>
  sqlState(error) === "0A000" && (error as Error).message.includes("cached plan");

/** True when a statement that must change a row has changed none. */
export const isUnchanged = (error: unknown): boolean =>
  sqlState(error) === UNREADABLE && (error as Error).message.includes(UNCHANGED);

/**
 * Translates a storage fault into STORAGE_UNAVAILABLE, and text that cannot be stored into VALIDATION_FAILED. Every
 * other error stays as it is.
 */
export function translate(error: unknown): unknown {
  const state = sqlState(error);
  if (state === "" ? isConnectionFault(error) : UNAVAILABLE.test(state) || CONFLICT.test(state) || isStalePlan(error))
    return unavailable(error);
  if (state === UNSTORABLE)
    return sharedError("VALIDATION_FAILED", {
      errors: [
        { pointer: "", detail: { en: "text must not contain U+0000", ko: "텍스트에 U+0000을 사용할 수 없습니다" } },
      ],
    });
  return error;
}

/** Names the fault without the server's own words, which may contain its address. */
export const unavailable = (error: unknown): Error =>
  sharedError("STORAGE_UNAVAILABLE", { reason: (error as { code?: string }).code ?? "connection lost" });

/** pg throws a plain error when it loses the server. Node's own errors carry the name of the system call. */
const isConnectionFault = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).syscall !== undefined || PG_FAULTS.test((error as Error).message);

const PG_FAULTS = /^(Connection terminated|Client (was closed|has encountered)|Query read timeout|timeout e)/;

/**
 * Explains in a sentence why the server refused to create the tables, and what to do. Storage faults are translated as
 * everywhere.
 */
export function explained(place: string, error: unknown): unknown {
  const { cause } = error as Error;
  const fault = translate(cause ?? error);
  if (isError(fault, "STORAGE_UNAVAILABLE")) return fault;
  if (sqlState(cause) === "") return error;
  return new ConfigError(
    `The database ${place} does not fit this release (${(error as Error).message}): ` +
      "give the service an empty one of its own, or restore the one that does.",
  );
}
