/**
 * RabbitMQ as a broker of the bus: a stream for each publishing service, from which each group reads on from the cursor in its own
 * database.
 */
import type { ServiceBroker } from "moleculer";
import type { Channel, Connection } from "rabbitmq-client";
import type { Envelope } from "#core/envelope.ts";
import type { Position } from "../bus.ts";
import type { Driver, Interest } from "../driver.ts";
import { Link } from "../link.ts";
import { RabbitReading } from "./reading.ts";
import { endOf, inTime, lastOf, makeStore, messageOf, PATIENCE } from "./store.ts";

/** Streams have no identity: readers recognise theirs by its events, and publishers by where it ends. */
const STORE = "stream";

interface Connections {
  /** RabbitMQ blocks connections that publish when its disk is full. */
  readonly publishing: Connection;
  readonly reading: Connection;
}

export class RabbitDriver implements Driver {
  readonly patience = PATIENCE;
  readonly makesStores = true;
  readonly #link: Link;
  readonly #ends = new Map<string, number>();
  #connections: Connections | null = null;
  #channel: Channel | null = null;
  #isUp = false;
  #blocked: string | null = null;
  #isClosed = false;

  constructor(broker: ServiceBroker, url: string) {
    this.#link = new Link(broker);
    broker.localBus.once("$broker.stopped", () => this.#close());
    void this.#connect(url, broker.nodeID);
  }

  /** Loaded on demand, so that a node without RabbitMQ starts without the package. */
  async #connect(url: string, nodeID: string): Promise<void> {
    const { Connection } = await import("rabbitmq-client");
    const open = (purpose: string) =>
      new Connection({
        url,
        connectionName: `${nodeID}/${purpose}`,
        acquireTimeout: PATIENCE,
        connectionTimeout: PATIENCE,
        retryLow: 250,
        retryHigh: 500,
        // Seconds.
        heartbeat: 4,
        noDelay: true,
      });
    const [publishing, reading] = [open("bus"), open("bus-reader")];
    this.#connections = { publishing, reading };
    if (this.#isClosed) return this.#close();
    reading.on("error", () => {});
    publishing.on("error", ({ message }: Error) => {
      this.#isUp = false;
      this.#link.lost(message);
    });
    publishing.on("connection.blocked", (reason) => (this.#blocked = reason));
    publishing.on("connection.unblocked", () => (this.#blocked = null));
    publishing.on("connection", () => {
      this.#isUp = true;
      this.#blocked = null;
      this.#link.connected();
    });
  }

  #close(): void {
    this.#isClosed = true;
    this.#isUp = false;
    this.#link.close();
    this.#connections?.publishing.unsafeDestroy();
    this.#connections?.reading.unsafeDestroy();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  onConnect(listener: () => void): () => void {
    return this.#link.onConnect(listener);
  }

  async look(source: string): Promise<Position | null> {
    this.#requireRoom();
    const { publishing, reading } = this.#connections!;
    const seq = await inTime(endOf(publishing, reading, source));
    if (seq === null) {
      // Those of a stream made anew are counted from its beginning.
      this.#ends.delete(source);
      return null;
    }
    this.#ends.set(source, seq);
    return { store: STORE, seq };
  }

  async make(source: string): Promise<string> {
    await inTime(makeStore(this.#connections!.publishing, source));
    this.#ends.set(source, this.#ends.get(source) ?? -1);
    return STORE;
  }

  async send(source: string, events: readonly Envelope[]): Promise<number> {
    this.#requireRoom();
    const channel = await inTime(this.#publishing());
    let isReturned = false;
    const onReturn = () => (isReturned = true);
    channel.on("basic.return", onReturn);
    try {
      await inTime(Promise.all(events.map((event) => channel.basicPublish(...messageOf(event)))));
      // What was returned is told a turn later.
      await new Promise(setImmediate);
    } finally {
      channel.off("basic.return", onReturn);
    }
    if (isReturned) throw new Error("no stream");
    // At least so many: other nodes publish too.
    const end = this.#ends.get(source)! + events.length;
    this.#ends.set(source, end);
    return end;
  }

  async read({ source, cursor }: Interest): Promise<RabbitReading | null> {
    if (!this.#isUp) return null;
    const position = await cursor.take();
    return position === undefined ? null : RabbitReading.open(this.#connections!.reading, source, cursor, position);
  }

  async lag({ source, cursor }: Interest): Promise<readonly [number, number]> {
    const [last, position] = await Promise.all([lastOf(this.#connections!.reading, source), cursor.position()]);
    return [Math.max(last - (position?.seq ?? -1), 0), 0];
  }

  async flush(): Promise<void> {}

  async #publishing(): Promise<Channel> {
    if (this.#channel?.active) return this.#channel;
    const channel = await this.#connections!.publishing.acquire();
    await channel.confirmSelect();
    return (this.#channel = channel);
  }

  /** While it is full, RabbitMQ would take what is sent much later, and more of it with each attempt. */
  #requireRoom(): void {
    if (this.#blocked !== null) throw new Error(`RabbitMQ takes nothing now (${this.#blocked})`);
  }
}
