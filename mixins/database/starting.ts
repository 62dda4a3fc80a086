/** Retries what a node needs from its database while it starts, because the node cannot work without it. */
import { setTimeout as sleep } from "node:timers/promises";
import { isError } from "#core/errors.ts";

/** Milliseconds until it gives up, and milliseconds between two attempts. */
const PATIENCE = 60_000;
const PAUSE = 500;

/**
 * Retries while storage is unavailable, because a start must not fail when a busy server answered late once or was just
 * restarted.
 * @param ask must have the same effect when it is run twice
 * @throws the error of `ask`, at once when it is not that storage was unavailable
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
