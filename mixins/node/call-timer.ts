/**
 * Many time-outs share one timer, because setting and clearing a timer costs a quarter of a local call, and nearly all
 * calls end long before their time-out.
 */
interface Timeout {
  /** Milliseconds on this process's monotonic clock. */
  readonly at: number;
  readonly expire: () => void;
}

export class Timeouts {
  readonly #pending = new Set<Timeout>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires: before the first pending time-out, if calls ended in time since it was set. */
  #next = Infinity;

  /**
   * @param limit milliseconds until `expire` is called, unless the time-out is ended before
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
    // The timer does not keep an idle process alive, because nobody is left to receive the time-out.
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
    // In a busy process several may be due at once.
    due.sort((a, b) => a.at - b.at);
    for (const timeout of due) if (this.#pending.delete(timeout)) timeout.expire();
  }
}
