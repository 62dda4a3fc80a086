/** Reads a node's topic in Kafka for as long as the node lives, whatever happens to Kafka and to the topic. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaRecord } from "@platformatic/kafka";
import type { KafkaConnection } from "../kafka/connection.ts";
import { fetchFrom, findTopic, type Found, makeTopic } from "../kafka/topic.ts";

/** Milliseconds between two attempts. */
const PAUSE = 250;
/** Milliseconds after which nobody waits for the answer to a packet any more. */
const STALE = 5000;
/** A packet is of no use after some seconds. Kafka looks every five minutes whether it may drop something. */
const limits = {
  "cleanup.policy": "delete",
  "retention.ms": 60_000,
  "segment.ms": 60_000,
  "retention.bytes": 256 * 1024 * 1024,
  "segment.bytes": 32 * 1024 * 1024,
  "max.message.bytes": 16 * 1024 * 1024,
};

export class KafkaListener {
  readonly #connection: KafkaConnection;
  readonly #topic: string;
  readonly #take: (record: KafkaRecord) => void;
  readonly #closing = new AbortController();
  readonly #opened = Promise.withResolvers<void>();
  /** Of the topic that was read last; empty before the first. */
  #id = "";
  #next = 0;
  /** The last moment at which everything had been read. */
  #read = 0;

  constructor(connection: KafkaConnection, topic: string, take: (record: KafkaRecord) => void) {
    this.#connection = connection;
    this.#topic = topic;
    this.#take = take;
    void this.#listen();
  }

  /** Resolves when nothing that is sent from now on is missed. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  close(): void {
    this.#closing.abort();
  }

  async #listen(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      // Kafka is away, or the topic is gone: it is looked for again.
      await this.#readOn().catch(() => {});
      await sleep(PAUSE, undefined, { signal }).catch(() => {});
    }
  }

  /** @throws Error when Kafka is away, or the topic is not what it was */
  async #readOn(): Promise<void> {
    const topic = await this.#find();
    this.#begin(topic);
    const consumer = this.#connection.reader(this.#topic);
    try {
      this.#opened.resolve();
      while (!this.#closing.signal.aborted) {
        const records = await fetchFrom(consumer, topic, this.#next);
        this.#read = performance.now();
        for (const [seq, record] of records) {
          this.#next = seq + 1;
          this.#take(record);
        }
      }
    } finally {
      consumer.close().catch(() => {});
    }
  }

  #find(): Promise<Found> {
    return this.#connection.ask(async ({ admin }) => {
      const found = await findTopic(admin, this.#topic);
      if (found) return found;
      const id = await makeTopic(admin, this.#topic, { replicas: 1, limits });
      return { ...(await findTopic(admin, this.#topic))!, id, first: 0, end: 0 };
    });
  }

  /** A node that starts reads what comes from now on, and one that was cut off goes on where it was unless that is stale. */
  #begin({ id, first, end }: Found): void {
    const isStale = performance.now() - this.#read > STALE;
    if (id !== this.#id && this.#id !== "") this.#next = first;
    else if (this.#id === "" || isStale || this.#next > end) this.#next = end;
    this.#id = id;
  }
}
