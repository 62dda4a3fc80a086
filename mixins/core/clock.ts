/** Time and identity in one place, so that tests can steer both. */
import { randomUUIDv7 } from "node:crypto";

/** Milliseconds since the epoch. */
export const now = (): number => Date.now();

/** RFC 3339, UTC, milliseconds: sorts as text. */
export const timestamp = (milliseconds: number = now()): string => new Date(milliseconds).toISOString();

/** A UUIDv7 (RFC 9562): sorts by the time it was made. */
export const newId = (): string => randomUUIDv7();
