/** Keeps messages from waiting for a provider that is down: after some failures in a row, it is not asked for a while. */
import { now } from "#core/clock.ts";

/** Failures in a row, and milliseconds. */
const [MOST, PAUSE] = [5, 30_000];

export class Breaker {
  #failures = 0;
  #until = 0;

  get isOpen(): boolean {
    return now() < this.#until;
  }

  /** After the pause, the first failure opens it again. */
  failed(): void {
    this.#failures += 1;
    if (this.#failures >= MOST) this.#until = now() + PAUSE;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#until = 0;
  }
}
