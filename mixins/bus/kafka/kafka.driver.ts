/**
 * Kafka as a broker of the bus: a topic for each publishing service, from which each group reads on from the cursor in its own
 * database.
 */
import type { ServiceBroker } from "moleculer";
import type { Envelope } from "#core/envelope.ts";
import type { Position } from "../bus.ts";
import type { Driver, Interest } from "../driver.ts";
import { KafkaConnection, PATIENCE } from "./connection.ts";
import { KafkaReading, nextOf } from "./reading.ts";
import { findStore, type Found, makeStore, messageOf } from "./store.ts";

/** As `acks`: an answer when all replicas in sync have it. The client takes it here only, and by itself waits for one. */
const ALL = -1;

export class KafkaDriver implements Driver {
  readonly patience = PATIENCE;
  readonly makesStores = true;
  readonly #connection: KafkaConnection;

  constructor(broker: ServiceBroker, url: string) {
    this.#connection = new KafkaConnection(broker, url);
    broker.localBus.once("$broker.stopped", () => this.#connection.close());
  }

  get isUp(): boolean {
    return this.#connection.isUp;
  }

  onConnect(listener: () => void): () => void {
    return this.#connection.onConnect(listener);
  }

  async look(source: string): Promise<Position | null> {
    const found = await this.#find(source);
    return found && { store: found.id, seq: found.end - 1 };
  }

  make(source: string): Promise<string> {
    return this.#connection.ask(({ admin }) => makeStore(admin, source));
  }

  /** All are one batch, which Kafka takes as a whole or not at all. */
  send(_source: string, events: readonly Envelope[]): Promise<number> {
    return this.#connection.ask(async ({ producer }) => {
      const { offsets } = await producer.send({ messages: events.map(messageOf), acks: ALL });
      return Number(offsets![0]!.offset) + events.length - 1;
    });
  }

  async read({ group, source, cursor }: Interest): Promise<KafkaReading | null> {
    if (!this.isUp) return null;
    const position = await cursor.take();
    const found = position === undefined ? null : await this.#find(source);
    if (position === undefined || !found) return null;
    return KafkaReading.open({ consumer: this.#connection.reader(`${group}/${source}`), cursor, found, position });
  }

  async lag({ source, cursor }: Interest): Promise<readonly [number, number]> {
    const [found, position] = await Promise.all([this.#find(source), cursor.position()]);
    return [found ? found.end - Math.max(nextOf(found, position), found.first) : 0, 0];
  }

  async flush(): Promise<void> {}

  #find(source: string): Promise<Found | null> {
    return this.#connection.ask(({ admin }) => findStore(admin, source));
  }
}
