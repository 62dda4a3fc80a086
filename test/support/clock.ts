/** Time in specs: set by hand, or compared with another timer of the same process, never with how fast the machine is. */
import { now } from "#core/clock.ts";

/** The clock that `#core/clock.ts` reads, as the spec sets it; `jest.restoreAllMocks` gives the real one back. */
export class Clock {
  #time: number | null = null;
  #ahead = 0;

  constructor() {
    const real = Date.now;
    jest.spyOn(Date, "now").mockImplementation(() => this.#time ?? real() + this.#ahead);
  }

  /** It stands still. */
  stop(): void {
    this.#time = now();
  }

  advance(milliseconds: number): void {
    if (this.#time !== null) this.#time += milliseconds;
    else this.#ahead += milliseconds;
  }
}

/**
 * True if it ended before a timer that was set for so many milliseconds at the same moment: a busy machine holds up both,
 * and Node lets timers act in the order in which they are due.
 */
export function endsWithin(milliseconds: number, ending: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    const end = () => {
      clearTimeout(timer);
      resolve(true);
    };
    ending.then(end, end);
  });
}
