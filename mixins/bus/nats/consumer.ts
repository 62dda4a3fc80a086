/** The durable pull consumer of one group on one service's stream. The nodes of the group share it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumerInfo, ConsumerMessages, Consumer as Handle, JsMsg, StreamInfo, Subscription } from "nats";
import type { ServiceBroker } from "moleculer";
import { type Envelope, isEnvelope } from "#core/envelope.ts";
import { isStandby } from "../../node/standby.ts";
import { topology } from "../../node/topology.ts";
import { Worker } from "../../queue/worker.ts";
import type { Receive } from "../bus.ts";
import { observe } from "../figures.ts";
import type { NatsConnection } from "./connection.ts";
import { ensureConsumer, findReading, streamOf, typeOf } from "./stream.ts";

/** Milliseconds that a node keeps events that it cannot store, before it gives them back. */
const HOLD = 5000;
/** Milliseconds until events that were given back are delivered again. */
const GIVEN_BACK = 1000;
/** The same when this node leaves. The server must first notice that the node pulls no more. */
const LEFT_BEHIND = 100;
/** The most events that a node holds, and that one pull asks for. */
const BATCH = 200;
/** Milliseconds that one pull lasts. */
const PULL = 1000;
/** Milliseconds until a missing stream or consumer is looked for again. */
const PAUSE = 250;

interface Held {
  readonly message: JsMsg;
  readonly event: Envelope;
  readonly since: number;
}

interface Options {
  readonly group: string;
  /** The publishing service. */
  readonly source: string;
  readonly types: readonly string[];
  readonly receive: Receive;
}

export class Consumer {
  readonly #broker: ServiceBroker;
  readonly #connection: NatsConnection;
  readonly #group: string;
  readonly #source: string;
  readonly #types: ReadonlySet<string>;
  readonly #receive: Receive;
  readonly #worker: Worker;
  readonly #ending = new AbortController();
  #held: Held[] = [];
  /** Resolves when this node holds no event. */
  #stored = Promise.withResolvers<void>();
  #isFailing = false;
  #missed = 0;
  /** The first event of the stream at the time when earlier ones were missed, so that each loss is logged once. */
  #missedBefore = 0;
  #messages: ConsumerMessages | null = null;
  #running: Promise<void> | null = null;
  #stopObserving = () => {};

  constructor(broker: ServiceBroker, connection: NatsConnection, { group, source, types, receive }: Options) {
    this.#broker = broker;
    this.#connection = connection;
    this.#group = group;
    this.#source = source;
    this.#types = new Set(types);
    this.#receive = receive;
    this.#worker = new Worker(broker.logger, () => this.#store(), { idle: 60_000, backOff: [50, 1000] });
  }

  begin(): void {
    this.#running ??= this.#run();
    this.#stopObserving = observe(
      this.#broker,
      `group="${this.#group}",source="${this.#source}"`,
      ["madang_bus_pending_events", "madang_bus_unacknowledged_events", "madang_bus_missed_events"],
      async () => {
        const { jsm } = this.#connection.jetStream;
        const { num_pending, num_ack_pending } = await jsm.consumers.info(streamOf(this.#source), this.#group);
        return [num_pending, num_ack_pending, this.#missed];
      },
    );
  }

  async end(): Promise<void> {
    this.#ending.abort();
    this.#stopObserving();
    drain(this.#messages);
    // While NATS is frozen, no message ends a pull, so the wait is limited.
    await Promise.race([this.#running, sleep(PULL + PAUSE, undefined, { ref: false })]);
    this.#messages?.stop();
    await this.#worker.stop();
    this.#giveBack(LEFT_BEHIND);
    await this.#running;
  }

  async #run(): Promise<void> {
    const stopListening = this.#connection.onConnect(() => this.#messages?.stop());
    while (!this.#ending.signal.aborted) {
      // A node on standby leaves events to the other nodes of its group.
      const handle = isStandby(this.#broker) ? null : await this.#open();
      if (handle) await this.#pull(handle);
      else await sleep(PAUSE, undefined, { signal: this.#ending.signal }).catch(() => {});
    }
    stopListening();
  }

  /** The consumer; null while the bus is away, or the stream or the consumer does not exist yet. */
  async #open(): Promise<Handle | null> {
    try {
      const { js, jsm } = this.#connection.jetStream;
      const reading = await findReading(jsm, this.#source, this.#group);
      if (!reading) return null;
      if (reading.consumer) this.#notice(reading.consumer, reading.stream);
      else if (topology.makesStreams) await ensureConsumer(jsm, this.#source, this.#group, reading);
      else return null;
      return await js.consumers.get(streamOf(this.#source), this.#group);
    } catch (error) {
      this.#broker.logger.debug(`${this.#group} cannot read ${this.#source}: ${(error as Error).message}`);
      return null;
    }
  }

  /** A full stream drops its oldest events. Those that this group has not stored by then are not delivered any more. */
  #notice({ ack_floor }: ConsumerInfo, { state: { first_seq } }: StreamInfo): void {
    const missed = first_seq - Math.max(ack_floor.stream_seq + 1, this.#missedBefore);
    if (missed <= 0) return;
    this.#missed += missed;
    this.#missedBefore = first_seq;
    const source = this.#source;
    this.#broker.logger.warn(
      `${this.#group} missed up to ${missed} events of ${source}: they left the bus (BUS_MAX_BYTES) before it had them. ` +
        `Tell them again: \`replay ${source} --since <when ${this.#group} was last there>\` in the shell.`,
    );
  }

  /**
   * Pulls until the consumer is gone. It never pulls more than this node stores at once, because the rest would be
   * withheld from other nodes.
   */
  async #pull(handle: Handle): Promise<void> {
    try {
      const expires = PULL;
      const connected = this.#connection.jetStream;
      const isOver = () => this.#ending.signal.aborted || isStandby(this.#broker);
      while (!isOver() && connected === this.#connection.jetStream) {
        this.#messages = await handle.fetch({ max_messages: this.#isFailing ? 1 : BATCH, expires });
        for await (const message of this.#messages) this.#take(message);
        if (this.#held.length > 0) await this.#stored.promise;
      }
    } catch (error) {
      this.#broker.logger.debug(`${this.#group} looks for ${this.#source} again: ${(error as Error).message}`);
    }
  }

  #take(message: JsMsg): void {
    const type = typeOf(message.subject);
    if (!this.#types.has(type)) return message.ack();
    const event = read(message);
    // NATS lets only the service itself publish on the subject, and the event must name the same service and type.
    if (!event || event.type !== type || event.source !== this.#source) {
      const { seq } = message;
      this.#broker.logger.error(`Message ${seq} of ${streamOf(this.#source)} is no ${type} of it; it is passed over.`);
      return message.term();
    }
    this.#held.push({ message, event, since: performance.now() });
    this.#worker.wake();
  }

  /**
   * Retries what cannot be stored before anything later, which keeps the order. After a while, other nodes receive it.
   */
  async #store(): Promise<boolean> {
    const batch = this.#held.slice();
    if (batch.length === 0) return false;
    try {
      await this.#receive(batch.map(({ event }) => event));
    } catch (error) {
      this.#isFailing = true;
      if (performance.now() - batch[0]!.since > HOLD) this.#giveBack(GIVEN_BACK);
      throw error;
    }
    this.#isFailing = false;
    this.#held.splice(0, batch.length);
    // Waiters are released before the answers are sent, because answering throws on a connection that was closed for
    // good.
    this.#settle();
    for (const { message } of batch) message.ack();
    return this.#held.length > 0;
  }

  /** @param delay milliseconds until they are delivered again */
  #giveBack(delay: number): void {
    const given = this.#held.splice(0);
    this.#settle();
    for (const { message } of given) message.nak(delay);
  }

  #settle(): void {
    if (this.#held.length > 0) return;
    this.#stored.resolve();
    this.#stored = Promise.withResolvers<void>();
  }
}

/**
 * Ends a pull after everything that the server has sent so far has arrived. Stopping the pull would discard that, and
 * the server would wait long for its acknowledgement.
 */
function drain(messages: ConsumerMessages | null): void {
  // The client can drain, but its types do not declare it.
  const { sub } = (messages ?? {}) as { sub?: Subscription };
  if (sub && !sub.isClosed()) void sub.drain().catch(() => {});
}

/** Null for a message that is no event. */
function read(message: JsMsg): Envelope | null {
  try {
    const event: unknown = message.json();
    return isEnvelope(event) ? event : null;
  } catch {
    return null;
  }
}
