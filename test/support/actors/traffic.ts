/** A steady stream of calls: how many failed, and how long the slowest took. */
import { setTimeout as sleep } from "node:timers/promises";

export class Traffic {
  readonly failures: unknown[] = [];
  answered = 0;
  /** Milliseconds. */
  worst = 0;
  readonly #call: () => Promise<unknown>;
  readonly #pending = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  /** @param rate calls a second, whether those before were answered or not */
  constructor(rate: number, call: () => Promise<unknown>) {
    this.#call = call;
    const began = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - began) / 1000) * rate;
      for (; sent < due; sent += 1) this.#send();
    }, 5);
  }

  #send(): void {
    const began = performance.now();
    const pending: Promise<void> = this.#call()
      .then(
        () => void (this.answered += 1),
        (error: unknown) => void this.failures.push(error),
      )
      .finally(() => {
        this.worst = Math.max(this.worst, performance.now() - began);
        this.#pending.delete(pending);
      });
    this.#pending.add(pending);
  }

  /** Goes on until this many are answered. */
  async reaches(answered: number): Promise<void> {
    while (this.answered + this.failures.length < answered) await sleep(5);
  }

  /** Sends no more, and waits for what is under way. */
  async end(): Promise<this> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
    return this;
  }
}
