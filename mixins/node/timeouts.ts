/**
 * Many time-outs on one timer. Nearly all calls end long before their time is over, and setting and clearing a timer for
 * each costs a quarter of a local call.
 */
interface Timeout {
  /** On this process's monotonic clock, in milliseconds. */
  readonly at: number;
  readonly expire: () => void;
}

export class Timeouts {
  readonly #pending = new Set<Timeout>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer rings: never later than the first that is pending, since who ends in time does not set it anew. */
  #next = Infinity;

  /**
   * @param limit milliseconds from now until `expire` is called, unless it is ended before
   * @param expire must not throw
   */
  begin(limit: number, expire: () => void): Timeout {
    const timeout = { at: performance.now() + limit, expire };
    this.#pending.add(timeout);
    if (timeout.at < this.#next) this.#wait(timeout.at);
    return timeout;
  }

  end(timeout: Timeout): void {
    this.#pending.delete(timeout);
  }

  #wait(until: number): void {
    clearTimeout(this.#timer);
    this.#next = until;
    // A process that has nothing else to do may end: nobody is left who could be told.
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, until - performance.now())).unref();
  }

  #ring(): void {
    const now = performance.now();
    const due: Timeout[] = [];
    this.#next = Infinity;
    for (const timeout of this.#pending) {
      if (timeout.at <= now) due.push(timeout);
      else this.#next = Math.min(this.#next, timeout.at);
    }
    if (this.#next < Infinity) this.#wait(this.#next);
    // A busy process hears of several at once.
    due.sort((a, b) => a.at - b.at);
    for (const timeout of due) if (this.#pending.delete(timeout)) timeout.expire();
  }
}
