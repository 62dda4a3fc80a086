/** Time and identity in one place, so that tests can steer both. */
import { v7 } from "uuid";

/** Milliseconds since the epoch. */
export const now = (): number => Date.now();

/** RFC 3339, UTC, milliseconds: sorts as text. */
export const timestamp = (milliseconds: number = now()): string => new Date(milliseconds).toISOString();

/** A UUIDv7 (RFC 9562) that sorts after all that this process made before, which node:crypto's does not promise. */
export const newId = (): string => v7();
