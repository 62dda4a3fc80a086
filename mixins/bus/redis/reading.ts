/** What one node reads of a stream in Redis while it has its group's turn. */
import type { Redis } from "ioredis";
import { fromCloudEvent } from "../cloud-event.ts";
import type { Cursor, Position } from "../bus.ts";
import { CursorReading } from "../cursor-reading.ts";
import type { Delivery } from "../driver.ts";
import { type Found, idOf, seqOf, storeOf, streamOf } from "./store.ts";

/** Milliseconds that one pull waits for events. */
const PULL = 1000;

interface Options {
  /** A connection of its own, because a read that waits holds up all others. */
  readonly redis: Redis;
  readonly source: string;
  readonly cursor: Cursor;
  readonly found: Found;
  /** Null when the group has not stored anything of this source. */
  readonly position: Position | null;
}

type Entries = [stream: string, entries: [id: string, fields: string[]][]][] | null;

export class RedisReading extends CursorReading<Delivery> {
  readonly first: number;
  readonly next: number;
  readonly #redis: Redis;
  readonly #source: string;
  readonly #store: string;
  /** The last event that was read. */
  #last: number;
  #hasRead = false;

  constructor({ redis, source, cursor, found: { store, seq, first }, position }: Options) {
    super(cursor);
    // Another store, and one that lost its last events, is read from its beginning. The inbox knows what it has had.
    const isKnown = position !== null && position.store === store && position.seq <= seq;
    this.first = first;
    this.next = isKnown ? position.seq + 1 : first;
    this.#last = Math.max(this.next, first) - 1;
    this.#redis = redis;
    this.#source = source;
    this.#store = store;
  }

  async pull(max: number, take: (delivery: Delivery) => void): Promise<void> {
    await this.keep();
    const stream = streamOf(this.#source);
    const answers = await this.#redis
      .pipeline()
      .xread("COUNT", max, "BLOCK", PULL, "STREAMS", stream, idOf(this.#last))
      // Asked afterwards: events of another store count only from its beginning on.
      .hget(storeOf(this.#source), "id")
      .exec();
    const [[error, read], [, store]] = answers as [[Error | null, Entries], [Error | null, string | null]];
    if (error) throw error;
    if (store !== this.#store) throw new Error("The store is another one.");
    for (const [id, fields] of read?.[0]?.[1] ?? []) this.#take(seqOf(id), fields, take);
  }

  #take(seq: number, fields: readonly string[], take: (delivery: Delivery) => void): void {
    // A reading that begins anew tells how many were dropped.
    if (this.#hasRead && seq !== this.#last + 1) throw new Error(`The events before ${seq} were dropped.`);
    this.#hasRead = true;
    this.#last = seq;
    const field = (name: string) => fields[fields.indexOf(name) + 1] ?? "";
    take({ seq, type: field("type"), event: fromCloudEvent(field("event")) });
  }

  protected positionOf({ seq }: Delivery): Position {
    return { store: this.#store, seq };
  }

  protected close(): void {
    this.#redis.disconnect();
  }
}
