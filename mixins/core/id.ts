/** Identifiers come from here alone: those of one process sort as they were made. */
import { v5, v7 } from "uuid";
import { now } from "./clock.ts";

/** A UUIDv7 (RFC 9562) that sorts after every earlier one of this process, which Node's own does not promise. */
export function newId(): string {
  if (drawn === pool.length) {
    crypto.getRandomValues(pool);
    drawn = 0;
  }
  const random = pool.subarray(drawn, (drawn += 16));
  const msecs = now();
  // The counter has 32 bits and begins below the half, so it never overflows within a millisecond.
  if (msecs > newest.msecs) newest = { msecs, seq: random.readUInt32BE(6) >>> 1 };
  else newest.seq += 1;
  return v7({ ...newest, random });
}

/** The id of something that another thing has one of: the same each time (a UUIDv5, RFC 9562). */
export const idOf = (name: string, owner: string): string => v5(name, owner);

/** Random bytes for many ids, because a draw costs more than the rest of an id. */
const pool = Buffer.alloc(16 * 256);
let drawn = pool.length;
/** The time and the counter of the last id. */
let newest = { msecs: 0, seq: 0 };

/** The lowest id of a millisecond: every id that was made earlier sorts before it. */
export const firstIdAt = (milliseconds: number): string =>
  v7({ msecs: milliseconds, seq: 0, random: new Uint8Array(16) });
