/** Caches readings in this node as long as a version in Redis says that no node has committed since. */
import type { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { SharedCache } from "#mixins/database/database.ts";
import type { Reading } from "../database/cache.ts";
import { redisOf, RETURN } from "./redis.ts";

/** The most readings of one version. When more come, the cache is emptied. */
const REMEMBERED = 10_000;
/** Milliseconds for which a change can stay unseen when the node that made it could not tell Redis. */
const LIFETIME = 1000;

type Readings = Map<string, { readonly value: unknown; readonly until: number }>;

/** Calls within one turn of the event loop share one run, which begins after all of them. */
function onceATurn<T>(run: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | null = null;
  const turn = async (): Promise<T> => {
    await new Promise(setImmediate);
    next = null;
    return run();
  };
  return () => (next ??= turn());
}

export class SharedMemory implements SharedCache {
  readonly #redis: Redis;
  readonly #key: string;
  /** A random version, because Redis may lose a counter and start it again. */
  #version: string | null = null;
  #readings: Readings = new Map();
  /** The time on `performance.now` from which all nodes can report their changes again. */
  #trustedFrom = Infinity;
  /** True while Redis has not been told of a change. */
  #owes = false;
  readonly #current: () => Promise<Readings | null>;
  readonly #announce: () => Promise<void>;

  constructor(redis: Redis, service: string) {
    this.#redis = redis;
    this.#key = `madang:version:${service}`;
    this.#current = onceATurn(() => this.#look().catch(() => null));
    this.#announce = onceATurn(() => this.#tell());
    // A Redis that comes back may have lost the last versions, and so may name an outdated one.
    redis.on("close", () => this.#forget(null));
    redis.on("ready", () => {
      this.#trustedFrom = performance.now() + RETURN;
      if (this.#owes) void this.changed();
    });
  }

  async recall<T>(key: string, read: () => Promise<Reading<T>>): Promise<T> {
    const readings = await this.#current();
    const known = readings?.get(key);
    const since = now();
    if (known && known.until > since) return known.value as T;
    const { value, until } = await read();
    if (readings && readings.size >= REMEMBERED) readings.clear();
    // After a commit meanwhile, these are the readings of a version that nobody uses any more.
    readings?.set(key, { value, until: Math.min(until ?? Infinity, since + LIFETIME) });
    return value;
  }

  async changed(): Promise<void> {
    try {
      await this.#announce();
    } catch {
      this.#owes = true;
    }
  }

  /** The valid readings. @throws while Redis is away */
  async #look(): Promise<Readings | null> {
    if (this.#owes) await this.#tell();
    if (performance.now() < this.#trustedFrom) return null;
    const version = await this.#redis.get(this.#key);
    if (version === null) await this.#redis.set(this.#key, newId(), "NX");
    if (version !== this.#version) this.#forget(version);
    return version === null ? null : this.#readings;
  }

  async #tell(): Promise<void> {
    this.#owes = false;
    try {
      await this.#redis.set(this.#key, newId());
    } catch (error) {
      this.#owes = true;
      throw error;
    }
  }

  #forget(version: string | null): void {
    this.#version = version;
    this.#readings = new Map();
  }
}

/** What the nodes of a service remember together; null where no Redis is configured. */
export function sharedMemory(broker: ServiceBroker, service: string): SharedMemory | null {
  const redis = redisOf(broker);
  return redis && new SharedMemory(redis, service);
}
