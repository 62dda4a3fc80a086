/** What the errors of PostgreSQL mean to us (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
import { DatabaseError } from "pg";
import { ConfigError } from "#core/config.ts";
import { isError, sharedError } from "#core/errors.ts";

/**
 * Connection exceptions, insufficient resources, operator intervention, system errors; then lock_not_available,
 * idle_in_transaction_session_timeout and transaction_timeout.
 */
const UNAVAILABLE = /^(08|53|57|58|55P03|25P03|25P04)/;
/** serialization_failure, deadlock_detected: the transaction is undone and may simply be run again. */
const CONFLICT = /^(40001|40P01)/;
/** foreign_key_violation: what was looked for before it was referred to has gone since, or the other way round. */
const OVERTAKEN = "23503";
/** character_not_in_repertoire: text with U+0000, which PostgreSQL cannot store. */
const UNSTORABLE = "22021";

/** invalid_text_representation: how a statement that must change a row says that it has changed none, see `required`. */
const UNREADABLE = "22P02";
export const UNCHANGED = "no row was changed";

const sqlState = (error: unknown): string => (error instanceof DatabaseError && error.code) || "";

/** True when another transaction was in the way, so that this one, run again, finds what that one left. */
export const isConflict = (error: unknown): boolean => CONFLICT.test(sqlState(error)) || sqlState(error) === OVERTAKEN;

/** A prepared statement from before somebody's migration: only a new connection forgets it. */
export const isStalePlan = (error: unknown): boolean =>
  sqlState(error) === "0A000" && (error as Error).message.includes("cached plan");

/** True when a statement that must change a row has changed none. */
export const isUnchanged = (error: unknown): boolean =>
  sqlState(error) === UNREADABLE && (error as Error).message.includes(UNCHANGED);

/** A storage fault becomes STORAGE_UNAVAILABLE, text that cannot be stored VALIDATION_FAILED; everything else stays what it is. */
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

/** Names the fault without the server's words, which may tell where it stands. */
export const unavailable = (error: unknown): Error =>
  sharedError("STORAGE_UNAVAILABLE", { reason: (error as { code?: string }).code ?? "connection lost" });

/** What pg throws when it lost the server is a plain error; those of Node carry the name of the system call. */
const isConnectionFault = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).syscall !== undefined || PG_FAULTS.test((error as Error).message);

const PG_FAULTS = /^(Connection terminated|Client (was closed|has encountered)|Query read timeout|timeout e)/;

/** What the server refused when the tables were to be made, as a sentence with what to do; storage faults as everywhere. */
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
