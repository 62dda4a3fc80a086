/** Caches what was read until something is committed. Frequent questions are read once, and answers are never stale. */
import { now } from "#core/clock.ts";

/** A value, and how long it is valid if nothing is committed: milliseconds since the epoch, or null for ever. */
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

  /** Call it after a commit of this process. */
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
    // A commit may have happened after the value was read.
    if (generation === this.#generation && this.#readings.size < REMEMBERED) this.#readings.set(key, reading);
    return reading.value;
  }

  /** Checks once per turn of the event loop, within which nobody notices the commit of another process. */
  #notice(): void {
    if (this.#isFresh) return;
    this.#isFresh = true;
    setImmediate(() => (this.#isFresh = false));
    const version = this.#versionOf();
    if (version !== this.#version) this.forget();
    this.#version = version;
  }
}
