/**
 * Kafka as a broker of the bus: a topic for each publishing service, from which each group reads on from the cursor in its own
 * database.
 */
import type { ServiceBroker } from "moleculer";
import type { Envelope } from "#core/envelope.ts";
import { KafkaConnection, PATIENCE } from "#mixins/kafka/connection.ts";
import type { Found } from "#mixins/kafka/topic.ts";
import type { Position } from "../bus.ts";
import type { Driver, Interest } from "../driver.ts";
import { Link } from "../link.ts";

import { KafkaReading, nextOf } from "./reading.ts";
import { findStore, makeStore, messageOf } from "./store.ts";

/** As `acks`: an answer when all replicas in sync have it. The client takes it here only, and by itself waits for one. */
const ALL = -1;

export class KafkaDriver implements Driver {
  readonly patience = PATIENCE;
  readonly makesStores = true;
  readonly #link: Link;
  readonly #connection: KafkaConnection;

  constructor(broker: ServiceBroker, url: string) {
    const link = new Link(broker);
    this.#link = link;
    this.#connection = new KafkaConnection({ url, setting: "BUS_URL", name: `${broker.nodeID}/bus`, link });
    broker.localBus.once("$broker.stopped", () => {
      link.close();
      this.#connection.close();
    });
  }

  get isUp(): boolean {
    return this.#connection.isUp;
  }

  onConnect(listener: () => void): () => void {
    return this.#link.onConnect(listener);
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
