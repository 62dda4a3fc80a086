/**
 * Redis as a broker of the bus: a stream for each publishing service, from which each group reads on from the cursor in its own
 * database. Redis keeps streams in memory, so its append-only file must be on.
 */
import { Redis, type RedisOptions } from "ioredis";
import type { ServiceBroker } from "moleculer";
import type { Envelope } from "#core/envelope.ts";
import type { Position } from "../bus.ts";
import type { Driver, Interest } from "../driver.ts";
import { Link } from "../link.ts";
import { RedisReading } from "./reading.ts";
import { addEvents, findStore, limitStore, makeStore, renewStore } from "./store.ts";

/** Milliseconds that Redis may take to answer. */
const PATIENCE = 2000;
/** Milliseconds between two attempts to connect. */
const PAUSE = 250;
/** Milliseconds that a read may take, which waits for a second itself. */
const READ = 3000;

const options: RedisOptions = {
  commandTimeout: PATIENCE,
  connectTimeout: PATIENCE,
  retryStrategy: () => PAUSE,
  // While Redis is away, commands fail at once, and events wait in their outboxes.
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  disableClientInfo: true,
};

const MEMORY_ONLY =
  "Redis keeps events in memory only (appendonly is off): when it restarts, all outboxes publish theirs again.";

export class RedisDriver implements Driver {
  readonly patience = PATIENCE;
  readonly makesStores = true;
  readonly #broker: ServiceBroker;
  readonly #url: string;
  readonly #link: Link;
  readonly #redis: Redis;
  #hasWarned = false;

  constructor(broker: ServiceBroker, url: string) {
    this.#broker = broker;
    this.#url = url;
    this.#link = new Link(broker);
    this.#redis = new Redis(url, { ...options, connectionName: `${broker.nodeID}/bus` });
    let reason = "connection closed";
    this.#redis.on("error", ({ message }: Error) => (reason = message));
    this.#redis.on("close", () => this.#link.lost(reason));
    this.#redis.on("ready", () => {
      reason = "connection closed";
      this.#link.connected();
      void this.#checkPersistence();
    });
    broker.localBus.once("$broker.stopped", () => {
      this.#link.close();
      this.#redis.disconnect();
    });
  }

  get isUp(): boolean {
    return this.#redis.status === "ready";
  }

  onConnect(listener: () => void): () => void {
    return this.#link.onConnect(listener);
  }

  async look(source: string): Promise<Position | null> {
    const found = await this.#ask(() => findStore(this.#redis, source));
    return found && { store: found.store, seq: found.seq };
  }

  make(source: string): Promise<string> {
    return this.#ask(async () => {
      await limitStore(this.#redis, source);
      return makeStore(this.#redis, source);
    });
  }

  renew(source: string, store: string): Promise<void> {
    return this.#ask(() => renewStore(this.#redis, source, store));
  }

  send(source: string, events: readonly Envelope[]): Promise<number> {
    return this.#ask(() => addEvents(this.#redis, source, events));
  }

  async read({ source, cursor }: Interest): Promise<RedisReading | null> {
    if (!this.isUp) return null;
    const position = await cursor.take();
    const found = position === undefined ? null : await this.#ask(() => findStore(this.#redis, source));
    if (position === undefined || !found) return null;
    const { nodeID } = this.#broker;
    const reader = {
      commandTimeout: READ,
      retryStrategy: () => null,
      lazyConnect: true,
      connectionName: `${nodeID}/${source}`,
    };
    const redis = new Redis(this.#url, { ...options, ...reader });
    redis.on("error", () => {});
    await redis.connect();
    return new RedisReading({ redis, source, cursor, found, position });
  }

  async lag({ source, cursor }: Interest): Promise<readonly [number, number]> {
    const [found, position] = await Promise.all([this.#ask(() => findStore(this.#redis, source)), cursor.position()]);
    if (!found) return [0, 0];
    const last = position?.store === found.store ? Math.max(position.seq, found.first - 1) : found.first - 1;
    return [Math.max(found.seq - last, 0), 0];
  }

  async flush(): Promise<void> {}

  /** A frozen server, which closes nothing, counts as away until it answers again. */
  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if ((error as Error).message === "Command timed out") this.#redis.disconnect(true);
      throw error;
    }
  }

  async #checkPersistence(): Promise<void> {
    const about = await this.#redis.info("persistence").catch(() => "");
    if (about.includes("aof_enabled:0") && !this.#hasWarned) this.#broker.logger.warn(MEMORY_ONLY);
    this.#hasWarned = true;
  }
}
