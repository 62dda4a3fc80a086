/** NATS JetStream as a broker of the bus: a stream for each publishing service, a durable consumer for each group. */
import type { ServiceBroker } from "moleculer";
import type { Envelope } from "#core/envelope.ts";
import { topology } from "../../node/topology.ts";
import type { Position } from "../bus.ts";
import { toCloudEvent } from "../cloud-event.ts";
import type { Driver, Interest } from "../driver.ts";
import { NatsConnection, PATIENCE } from "./connection.ts";
import { NatsReading } from "./reading.ts";
import { ensureConsumer, ensureStream, findReading, findStream, streamOf, subjectOf } from "./stream.ts";

const NO_STREAM = "503";

export class NatsDriver implements Driver {
  readonly patience = PATIENCE;
  readonly makesStores = topology.makesStreams;
  readonly #connection: NatsConnection;

  constructor(broker: ServiceBroker, url: string) {
    this.#connection = new NatsConnection(broker, url);
    broker.localBus.once("$broker.stopped", () => void this.#connection.close());
  }

  get isUp(): boolean {
    return this.#connection.isUp;
  }

  onConnect(listener: () => void): () => void {
    return this.#connection.onConnect(listener);
  }

  /** When the server created a stream identifies it. */
  async look(source: string): Promise<Position | null> {
    const found = await findStream(this.#connection.jetStream.jsm, source);
    return found && { store: found.created, seq: found.state.last_seq };
  }

  async make(source: string): Promise<string> {
    const { jsm } = this.#connection.jetStream;
    return (await ensureStream(jsm, source, await findStream(jsm, source))).created;
  }

  async send(_source: string, events: readonly Envelope[]): Promise<number> {
    const { js } = this.#connection.jetStream;
    const sent = events.map((event) =>
      js.publish(subjectOf(event.type), bodyOf(event), { msgID: event.id, timeout: PATIENCE }),
    );
    try {
      return Math.max(...(await Promise.all(sent)).map(({ seq }) => seq));
    } catch (error) {
      throw new Error(reason(error), { cause: error });
    }
  }

  async read({ group, source }: Interest): Promise<NatsReading | null> {
    const connection = this.#connection;
    const { js, jsm } = connection.jetStream;
    const reading = await findReading(jsm, source, group);
    if (!reading) return null;
    const { first_seq: first } = reading.stream.state;
    if (!reading.consumer) {
      if (!topology.makesStreams) return null;
      await ensureConsumer(jsm, source, group, reading);
    }
    const next = reading.consumer ? reading.consumer.ack_floor.stream_seq + 1 : first;
    return new NatsReading({ connection, handle: await js.consumers.get(streamOf(source), group), first, next });
  }

  async lag({ group, source }: Interest): Promise<readonly [number, number]> {
    const { jsm } = this.#connection.jetStream;
    const { num_pending, num_ack_pending } = await jsm.consumers.info(streamOf(source), group);
    return [num_pending, num_ack_pending];
  }

  flush(): Promise<void> {
    return this.#connection.flush();
  }
}

/** A CloudEvent, with the names by which nodes of the release before read it. The next release leaves them out. */
const bodyOf = (event: Envelope): string => {
  const { version, correlationId, causationId } = event;
  return JSON.stringify({ ...toCloudEvent(event), version, correlationId, causationId });
};

const reason = (error: unknown): string => {
  const { code, message } = error as { code?: string; message: string };
  return code === NO_STREAM ? "no stream" : message.toLowerCase();
};
