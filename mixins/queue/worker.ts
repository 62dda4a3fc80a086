/** A loop that works while there is work: woken when some arrives, and by itself in case a wake-up was lost. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "moleculer";

interface Options {
  /** Longest sleep between two looks, milliseconds. */
  readonly idle: number;
  /** First and longest pause after a failure, milliseconds; it doubles in between. */
  readonly backOff?: readonly [number, number];
  /** Milliseconds from one step to the next at least: what comes meanwhile is done together. */
  readonly pace?: number;
}

export class Worker {
  readonly #logger: Service["logger"];
  readonly #step: () => Promise<boolean | number>;
  readonly #idle: number;
  readonly #backOff: readonly [number, number];
  readonly #pace: number;
  #lastStep = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #failures = 0;
  #isPausing = false;
  #stopped = false;

  /** @param step does one piece of work; true means there may be more at once, a number in so many milliseconds */
  constructor(
    logger: Service["logger"],
    step: () => Promise<boolean | number>,
    { idle, backOff = [50, 5000], pace = 0 }: Options,
  ) {
    this.#logger = logger;
    // Async: a step that throws at once must fail no sooner than one that rejects.
    this.#step = async () => step();
    this.#idle = idle;
    this.#backOff = backOff;
    this.#pace = pace;
  }

  /** Looks for work now, or again after the piece at hand; in a pause, when it is over. */
  wake(): void {
    if (this.#stopped || this.#isPausing) return;
    if (this.#running) this.#again = true;
    else this.#running = this.#work();
  }

  /** Ends after the piece of work at hand. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #work(): Promise<void> {
    clearTimeout(this.#timer);
    let pause = this.#idle;
    try {
      let more: boolean | number;
      do {
        if (this.#pace > 0) await this.#keepPace();
        this.#again = false;
        more = await this.#step();
      } while ((more === true || (more === false && this.#again)) && !this.#stopped);
      this.#failures = 0;
      if (typeof more === "number") {
        pause = more;
        this.#isPausing = true;
      }
    } catch (error) {
      const [first, longest] = this.#backOff;
      pause = Math.min(first * 2 ** this.#failures++, longest);
      this.#isPausing = true;
      this.#logger.warn(`${(error as Error).message} Trying again in ${pause} ms.`);
    }
    this.#running = null;
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#isPausing = false;
      this.wake();
    }, pause);
  }

  async #keepPace(): Promise<void> {
    const early = this.#lastStep + this.#pace - performance.now();
    if (early > 0) await sleep(early);
    this.#lastStep = performance.now();
  }
}
