/** A loop that works while there is work, and then sleeps: until it is woken, or until a time that it was given. */
import type { Service } from "moleculer";
import { now, setAlarm } from "#core/clock.ts";

interface Options {
  /** Longest sleep between two looks, milliseconds: a wake-up may be lost, with the node that should have given it. */
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
  /** Ends the sleep at hand. */
  #rise = () => {};
  #risesAt = Infinity;
  /** When somebody who came during the step at hand wants the next look, milliseconds since the epoch. */
  #wanted = Infinity;
  #running: Promise<void> | null = null;
  #failures = 0;
  #isPausing = false;
  #stopped = false;

  /** @param step does one piece of work; true means there may be more at once, a number not before so many milliseconds */
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

  /**
   * Looks for work now, or again after the piece at hand; in a pause, when it is over.
   * @param at milliseconds since the epoch, when there is no work before that
   */
  wake(at = 0): void {
    if (this.#stopped || this.#isPausing) return;
    if (this.#running) this.#wanted = Math.min(this.#wanted, at);
    else if (at <= now()) this.#start();
    else if (at < this.#risesAt) this.#sleep(at);
  }

  /** Ends after the piece of work at hand. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#rise();
    await this.#running;
  }

  #sleep(until: number): void {
    this.#rise();
    this.#risesAt = until;
    this.#rise = setAlarm(until, () => {
      this.#isPausing = false;
      this.#start();
    });
  }

  #start(): void {
    this.#rise();
    // Not before it counts as running: a step may wake its own worker.
    this.#running = Promise.resolve().then(() => this.#work());
  }

  async #work(): Promise<void> {
    let until: number;
    try {
      let more: boolean | number;
      do {
        if (this.#pace > 0) await this.#keepPace();
        this.#wanted = Infinity;
        more = await this.#step();
      } while (!this.#stopped && (more === true || (more === false && this.#wanted <= now())));
      this.#failures = 0;
      this.#isPausing = typeof more === "number";
      until = typeof more === "number" ? now() + more : Math.min(this.#wanted, now() + this.#idle);
    } catch (error) {
      const [first, longest] = this.#backOff;
      const pause = Math.min(first * 2 ** this.#failures++, longest);
      this.#isPausing = true;
      until = now() + pause;
      this.#logger.warn(`${(error as Error).message} Trying again in ${pause} ms.`);
    }
    this.#running = null;
    if (!this.#stopped) this.#sleep(until);
  }

  async #keepPace(): Promise<void> {
    // No longer than that, also when the clock was set back.
    const early = Math.min(this.#lastStep + this.#pace - now(), this.#pace);
    if (early > 0) await new Promise<void>((resolve) => void setAlarm(now() + early, resolve));
    this.#lastStep = now();
  }
}
