/** The bus over NATS JetStream: a stream for each publishing service, a durable consumer for each subscriber. */
import type { ServiceBroker } from "moleculer";
import type { StreamInfo } from "nats";
import type { Envelope } from "#core/envelope.ts";
import { topology } from "../../node/topology.ts";
import type { Bus, Position, Publisher, Receive, Subscription } from "../bus.ts";
import { NatsConnection, PATIENCE } from "./connection.ts";
import { Consumer } from "./consumer.ts";
import { ensureStream, findStream, streamOf, subjectOf } from "./stream.ts";
import { perBroker } from "../../node/per-broker.ts";

/** Milliseconds after which a stream is checked again. */
const RECHECK = 30_000;
const NO_STREAM = "503";

interface Known {
  /** When the server created the stream. A different time means that it is another stream. */
  readonly created: string;
  checkedAt: number;
}

class NatsBus implements Bus {
  readonly patience = PATIENCE;
  readonly #broker: ServiceBroker;
  readonly #connection: NatsConnection;
  readonly #streams = new Map<string, Known>();
  #isWaiting = false;

  constructor(broker: ServiceBroker, url: string) {
    this.#broker = broker;
    this.#connection = new NatsConnection(broker, url);
    this.#connection.onConnect(() => this.#doubt());
    broker.localBus.once("$broker.stopped", () => void this.#connection.close());
  }

  async prepare(publisher: Publisher): Promise<boolean> {
    if (!this.#connection.isUp) return false;
    const { source } = publisher;
    const began = performance.now();
    const known = this.#streams.get(source);
    if (known && began - known.checkedAt < RECHECK) return true;
    const { jsm } = this.#connection.jetStream;
    // The position is read before the stream, because another node may publish in between, and the stream must not seem
    // to have lost that.
    const position = await publisher.position();
    const found = await findStream(jsm, source);
    if (!found && !topology.makesStreams) return this.#wait(source);
    this.#isWaiting = false;
    if (hasLost(found, position)) {
      if (position) this.#broker.logger.warn(`The stream ${streamOf(source)} lost events: publishing all again.`);
      // Events are repeated before the stream exists, so that a crash in between starts again.
      await publisher.repeat();
    }
    const { created } = found && !topology.makesStreams ? found : await ensureStream(jsm, source, found);
    this.#streams.set(source, { created, checkedAt: began });
    return true;
  }

  /** Another program creates the stream, and the events wait in their outbox until then. */
  #wait(source: string): false {
    if (!this.#isWaiting)
      this.#broker.logger.warn(`There is no stream ${streamOf(source)} yet: \`npm run streams\` makes it.`);
    this.#isWaiting = true;
    return false;
  }

  async publish(events: readonly Envelope[]): Promise<Position> {
    const { js } = this.#connection.jetStream;
    const { source } = events[0]!;
    const sent = events.map((event) =>
      js.publish(subjectOf(event.type), JSON.stringify(event), { msgID: event.id, timeout: PATIENCE }),
    );
    try {
      const seqs = (await Promise.all(sent)).map(({ seq }) => seq);
      return { store: this.#streams.get(source)!.created, seq: Math.max(...seqs) };
    } catch (error) {
      this.#doubt(source);
      throw new Error(`The bus has not taken events of ${source}: ${reason(error)}.`, { cause: error });
    }
  }

  subscribe(group: string, types: readonly string[], receive: Receive): Subscription {
    const sources = Map.groupBy(types, (type) => type.slice(0, type.indexOf(".")));
    const consumers = [...sources].map(
      ([source, own]) =>
        new Consumer(this.#broker, this.#connection, {
          group: group.replaceAll(".", "-"),
          source,
          types: own,
          receive,
        }),
    );
    return {
      begin: () => consumers.forEach((consumer) => consumer.begin()),
      end: async () => {
        await Promise.all(consumers.map((consumer) => consumer.end()));
        await this.#connection.flush();
      },
    };
  }

  /** Checks the stream again before the next event; all streams when none is named. */
  #doubt(source?: string): void {
    for (const [name, known] of this.#streams) if (!source || name === source) known.checkedAt = -Infinity;
  }
}

/** True when the stream is missing, is another one, or ends before the stored position: servers lose power too. */
const hasLost = (found: StreamInfo | null, position: Position | null): boolean =>
  !found || (position !== null && (found.created !== position.store || found.state.last_seq < position.seq));

const reason = (error: unknown): string => {
  const { code, message } = error as { code?: string; message: string };
  return code === NO_STREAM ? "no stream" : message.toLowerCase();
};

/** The bus that all services of this broker share. */
export const natsBus = perBroker((broker, url: string): Bus => new NatsBus(broker, url));
