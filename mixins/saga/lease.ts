/** How long a node owns a saga: for a lease, which every move renews, and a long step too. */
import { now } from "#core/clock.ts";

/**
 * Milliseconds that a node may hold a saga without renewing its lease. It matters only when nobody noticed that the
 * owner is gone. Nodes compare it with their own clocks: a clock that is some seconds wrong claims a saga too early or
 * too late, which the epoch makes harmless.
 */
export const LEASE = 10_000;

/** The end of a lease that begins now, in milliseconds since the epoch. */
export const leaseUntil = (): number => now() + LEASE;

/**
 * Renews the lease while `work` takes long, so that no other node executes the step a second time. A node that has lost
 * the database or the saga cannot store the step's answer, so it cannot continue by itself.
 */
export async function holding<T>(work: Promise<T>, renew: () => void): Promise<T> {
  const timer = setInterval(renew, LEASE / 3);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
