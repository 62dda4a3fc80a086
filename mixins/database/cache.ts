/** Remembers what was read for as long as nothing is committed: what is asked often is read once, and never stale. */
import { now } from "#core/clock.ts";

/** Something read, and how long it holds if nothing changes: milliseconds since the epoch, null for ever. */
export interface Reading<T> {
  readonly value: T;
  readonly until: number | null;
}

const REMEMBERED = 10_000;

export class ReadMemory {
  readonly #versionOf: () => number;
  readonly #readings = new Map<string, Reading<unknown>>();
  #version = Number.NaN;
  #isFresh = false;
  #generation = 0;

  /** @param versionOf a number that changes when another process commits */
  constructor(versionOf: () => number) {
    this.#versionOf = versionOf;
  }

  /** This process has committed. */
  forget(): void {
    this.#generation += 1;
    this.#readings.clear();
  }

  async recall<T>(key: string, read: () => Promise<Reading<T>>): Promise<T> {
    this.#notice();
    const known = this.#readings.get(key);
    if (known && (known.until === null || known.until > now())) return known.value as T;
    const generation = this.#generation;
    const reading = await read();
    // Something may have been committed since it was read.
    if (generation === this.#generation && this.#readings.size < REMEMBERED) this.#readings.set(key, reading);
    return reading.value;
  }

  /** Other processes are looked at once in a turn of the event loop: within one, nobody can tell the difference. */
  #notice(): void {
    if (this.#isFresh) return;
    this.#isFresh = true;
    setImmediate(() => (this.#isFresh = false));
    const version = this.#versionOf();
    if (version !== this.#version) this.forget();
    this.#version = version;
  }
}
