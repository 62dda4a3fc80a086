/** What one node reads of a stream in RabbitMQ while it has its group's turn. */
import { setTimeout as sleep } from "node:timers/promises";
import type { AsyncMessage, Channel, Connection } from "rabbitmq-client";
import type { Cursor, Position } from "../bus.ts";
import { fromCloudEvent } from "../cloud-event.ts";
import { CursorReading } from "../cursor-reading.ts";
import type { Delivery } from "../driver.ts";
import { offsetOf, streamOf } from "./store.ts";

/** Milliseconds that one pull waits for events. */
const PULL = 1000;
/** The most messages that RabbitMQ sends ahead. */
const AHEAD = 400;

interface Message extends Delivery {
  readonly id: string;
}

/** The messages of a stream from an offset on, as they come. */
export class Flow {
  readonly #channel: Channel;
  #messages: AsyncMessage[] = [];
  #arrived = Promise.withResolvers<void>();
  #isOver = false;

  private constructor(channel: Channel) {
    this.#channel = channel;
  }

  static async from(connection: Connection, source: string, offset: number | "first"): Promise<Flow> {
    const channel = await connection.acquire();
    const flow = new Flow(channel);
    channel.once("close", () => flow.#end());
    channel.once("basic.cancel", () => flow.#end());
    try {
      await channel.basicQos({ prefetchCount: AHEAD });
      const args = { queue: streamOf(source), arguments: { "x-stream-offset": offset } };
      await channel.basicConsume(args, (message) => {
        flow.#messages.push(message);
        flow.#arrived.resolve();
      });
    } catch (error) {
      flow.close();
      throw error;
    }
    return flow;
  }

  /** Up to `max` messages; none when there are none for a second. @throws Error when the flow is over */
  async next(max: number): Promise<readonly AsyncMessage[]> {
    if (this.#messages.length === 0) {
      this.#arrived = Promise.withResolvers<void>();
      if (this.#isOver) throw new Error("The stream or the connection is gone.");
      const waiting = new AbortController();
      await Promise.race([this.#arrived.promise, sleep(PULL, undefined, waiting).catch(() => {})]);
      waiting.abort();
    }
    const taken = this.#messages.splice(0, max);
    const last = taken.at(-1);
    if (last) this.#channel.basicAck({ deliveryTag: last.deliveryTag, multiple: true });
    return taken;
  }

  close(): void {
    this.#end();
    this.#channel.close().catch(() => {});
  }

  #end(): void {
    this.#isOver = true;
    this.#arrived.resolve();
  }
}

export class RabbitReading extends CursorReading<Message> {
  readonly first: number;
  readonly next: number;
  readonly #flow: Flow;
  #waiting: readonly AsyncMessage[];
  #last: number;

  private constructor(
    flow: Flow,
    cursor: Cursor,
    at: { first: number; next: number; waiting: readonly AsyncMessage[] },
  ) {
    super(cursor);
    this.#flow = flow;
    this.first = at.first;
    this.next = at.next;
    this.#waiting = at.waiting;
    this.#last = Math.max(at.first, at.next) - 1;
  }

  /**
   * Begins behind the last event that the group has, if that is where it was: its number and its id are the position. Another
   * stream, and one that lost its end, is read from its beginning.
   */
  static async open(connection: Connection, source: string, cursor: Cursor, position: Position | null) {
    if (position) {
      const flow = await Flow.from(connection, source, position.seq);
      const waiting = await flow.next(1);
      const first = waiting.length > 0 ? offsetOf(waiting[0]!) : -1;
      const next = position.seq + 1;
      if (first === position.seq && waiting[0]!.messageId === position.store)
        return new RabbitReading(flow, cursor, { first, next, waiting: [] });
      if (first > position.seq) return new RabbitReading(flow, cursor, { first, next, waiting });
      flow.close();
    }
    return new RabbitReading(await Flow.from(connection, source, "first"), cursor, { first: 0, next: 0, waiting: [] });
  }

  async pull(max: number, take: (delivery: Message) => void): Promise<void> {
    await this.keep();
    const messages = this.#waiting.length > 0 ? this.#waiting : await this.#flow.next(max);
    this.#waiting = [];
    for (const message of messages) {
      this.#last = offsetOf(message);
      const event = fromCloudEvent(String(message.body));
      take({ seq: this.#last, type: message.type ?? "", event, id: message.messageId ?? "" });
    }
  }

  protected positionOf({ seq, id }: Message): Position {
    return { store: id, seq };
  }

  protected close(): void {
    this.#flow.close();
  }
}
