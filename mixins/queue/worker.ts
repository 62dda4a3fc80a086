/** A loop that works while there is work, and then sleeps until it is woken or until a given time. */
import type { Service } from "moleculer";
import { now, setAlarm } from "#core/clock.ts";
import { unrecorded } from "#core/recording.ts";

interface Options {
  /**
   * The longest sleep between two checks, in milliseconds, because a wake-up may be lost with the node that should have
   * sent it.
   */
  readonly idle: number;
  /** The first and the longest pause after a failure, in milliseconds. The pause doubles in between. */
  readonly backOff?: readonly [number, number];
  /** The shortest time in milliseconds between two steps, so that new work is done together. */
  readonly pace?: number;
}

export class Worker {
  readonly #logger: Service["logger"];
  readonly #step: () => Promise<boolean | number>;
  readonly #idle: number;
  readonly #backOff: readonly [number, number];
  readonly #pace: number;
  #lastStep = -Infinity;
  /** Ends the present sleep. */
  #rise = () => {};
  #risesAt = Infinity;
  /** When the next check is due, as requested during the present step, in milliseconds since the epoch. */
  #wanted = Infinity;
  #running: Promise<void> | null = null;
  #failures = 0;
  #isPausing = false;
  #stopped = false;

  /**
   * @param step does one piece of work. It answers true when there may be more at once, or the milliseconds until there
   * may be.
   */
  constructor(
    logger: Service["logger"],
    step: () => Promise<boolean | number>,
    { idle, backOff = [50, 5000], pace = 0 }: Options,
  ) {
    this.#logger = logger;
    // Async, so that a step that throws at once fails no sooner than one that rejects.
    this.#step = async () => step();
    this.#idle = idle;
    this.#backOff = backOff;
    this.#pace = pace;
  }

  /**
   * Looks for work now, or again after the present step; during a pause, when it is over.
   * @param at milliseconds since the epoch, when there is no work before that
   */
  wake(at = 0): void {
    if (this.#stopped || this.#isPausing) return;
    if (this.#running) this.#wanted = Math.min(this.#wanted, at);
    else if (at <= now()) this.#start();
    else if (at < this.#risesAt) this.#sleep(at);
  }

  /** Ends after the present step. */
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
    // Called only after it counts as running, because a step may wake its own worker.
    this.#running = unrecorded(() => Promise.resolve().then(() => this.#work()));
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
      // Titles of problems have no full stop.
      this.#logger.warn(`${(error as Error).message.replace(/\.?$/, ".")} Trying again in ${pause} ms.`);
    }
    this.#running = null;
    if (!this.#stopped) this.#sleep(until);
  }

  async #keepPace(): Promise<void> {
    // Limited, because the clock may have been set back.
    const early = Math.min(this.#lastStep + this.#pace - now(), this.#pace);
    if (early > 0) await new Promise<void>((resolve) => void setAlarm(now() + early, resolve));
    this.#lastStep = now();
  }
}
