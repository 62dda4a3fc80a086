/** What a node asks of its database while it starts: it cannot do without the answer, so it asks again. */
import { setTimeout as sleep } from "node:timers/promises";
import { isError } from "#core/errors.ts";

/** Milliseconds for which it is asked again, and between two attempts. */
const PATIENCE = 60_000;
const PAUSE = 500;

/**
 * A start must not end because a busy server was late once, or was just restarted.
 * @param ask comes to the same when it is done twice
 * @throws what it failed with, at once unless storage was unavailable
 */
export async function whileStarting<T>(ask: () => Promise<T>, patience = PATIENCE): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isError(error, "STORAGE_UNAVAILABLE") || performance.now() > deadline) throw error;
      await sleep(PAUSE);
    }
  }
}
