/** What one node pulls from the durable consumer that the nodes of its group share. */
import type { ConsumerMessages, Consumer as Handle, JsMsg, Subscription } from "nats";
import { fromCloudEvent } from "../cloud-event.ts";
import type { Delivery, Reading } from "../driver.ts";
import type { JetStream, NatsConnection } from "./connection.ts";
import { typeOf } from "./stream.ts";

/**
 * Milliseconds that one pull lasts where nothing comes. A node at rest does little else than to pull again, and a node that
 * stops must wait until its pull is over.
 */
const PULL = 2000;

interface Message extends Delivery {
  readonly message: JsMsg;
}

interface Options {
  readonly connection: NatsConnection;
  readonly handle: Handle;
  readonly first: number;
  readonly next: number;
}

export class NatsReading implements Reading {
  readonly first: number;
  readonly next: number;
  readonly #connection: NatsConnection;
  /** A new connection has another one. */
  readonly #connected: JetStream;
  readonly #handle: Handle;
  #messages: ConsumerMessages | null = null;

  constructor({ connection, handle, first, next }: Options) {
    this.first = first;
    this.next = next;
    this.#connection = connection;
    this.#connected = connection.jetStream;
    this.#handle = handle;
  }

  async pull(max: number, take: (message: Message) => void): Promise<void> {
    if (this.#connection.jetStream !== this.#connected) throw new Error("NATS was connected anew.");
    this.#messages = await this.#handle.fetch({ max_messages: max, expires: PULL });
    for await (const message of this.#messages)
      take({ message, seq: message.seq, type: typeOf(message.subject), event: fromCloudEvent(message.string()) });
  }

  async stored(messages: readonly Message[]): Promise<void> {
    for (const { message } of messages) message.ack();
  }

  release(messages: readonly Message[], delay: number): void {
    for (const { message } of messages) message.nak(delay);
  }

  /** Stopping the pull would discard what is on its way, and the server would wait long for its acknowledgement. */
  drain(): void {
    // The client can drain, but its types do not declare it.
    const { sub } = (this.#messages ?? {}) as { sub?: Subscription };
    if (sub && !sub.isClosed()) void sub.drain().catch(() => {});
  }

  stop(): void {
    this.#messages?.stop();
  }

  async leave(): Promise<void> {}
}
