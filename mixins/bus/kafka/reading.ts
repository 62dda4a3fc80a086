/** What one node reads of a topic in Kafka while it has its group's turn. */
import type { Consumer, KafkaRecord } from "@platformatic/kafka";
import type { Cursor, Position } from "../bus.ts";
import { fetchFrom, type Found } from "#mixins/kafka/topic.ts";
import { fromCloudEvent } from "../cloud-event.ts";
import { CursorReading } from "../cursor-reading.ts";
import type { Delivery } from "../driver.ts";
import { ID, TYPE } from "./store.ts";

interface Message extends Delivery {
  readonly id: string;
}

interface Options {
  /** A connection of its own. */
  readonly consumer: Consumer;
  readonly cursor: Cursor;
  readonly found: Found;
  /** Null when the group has not stored anything of this source. */
  readonly position: Position | null;
}

/** The group's position names the topic and the last event: in a topic that lost its end, another event may have its number. */
const storeOf = (topic: string, id: string): string => `${topic}/${id}`;

/** The number of the first event that the group has not stored. */
export const nextOf = ({ id, first, end }: Found, position: Position | null): number =>
  position?.store.startsWith(storeOf(id, "")) && position.seq < end ? position.seq + 1 : first;

export class KafkaReading extends CursorReading<Message> {
  readonly first: number;
  readonly #consumer: Consumer;
  readonly #found: Found;
  #next: number;
  /** The last message that was taken. */
  #last: number;
  /** What has come, and was not asked for yet. */
  #ahead: Message[] = [];

  private constructor({ consumer, cursor, found, position }: Options) {
    super(cursor);
    this.first = found.first;
    this.#next = nextOf(found, position);
    this.#last = Math.max(this.#next, this.first) - 1;
    this.#consumer = consumer;
    this.#found = found;
  }

  /**
   * Begins behind the last event that the group has, if it is where it was. Another topic, and one that lost its end, is read
   * from its beginning. The inbox knows what it has had.
   */
  static async open(options: Options): Promise<KafkaReading> {
    const { consumer, found, position } = options;
    const reading = new KafkaReading(options);
    try {
      const last = reading.#next - 1;
      if (position && last === position.seq && last >= found.first) {
        const [there] = await reading.#fetch(last);
        if (storeOf(found.id, there?.id ?? "") !== position.store) reading.#beginAnew();
      }
      return reading;
    } catch (error) {
      void consumer.close().catch(() => {});
      throw error;
    }
  }

  get next(): number {
    return this.#next;
  }

  #beginAnew(): void {
    this.#next = this.first;
    this.#last = this.first - 1;
  }

  async pull(max: number, take: (delivery: Message) => void): Promise<void> {
    await this.keep();
    if (this.#ahead.length === 0) this.#ahead = await this.#fetch(this.#last + 1);
    for (const message of this.#ahead.splice(0, max)) {
      this.#last = message.seq;
      take(message);
    }
  }

  async #fetch(from: number): Promise<Message[]> {
    const messages = await fetchFrom(this.#consumer, this.#found, from);
    return messages.map(([seq, record]) => messageOf(seq, record));
  }

  protected positionOf({ seq, id }: Message): Position {
    return { store: storeOf(this.#found.id, id), seq };
  }

  protected close(): void {
    this.#consumer.close().catch(() => {});
  }
}

function messageOf(seq: number, { value, headers }: KafkaRecord): Message {
  const header = (name: string) => headers.find(([key]) => String(key) === name)?.[1]?.toString() ?? "";
  return { seq, id: header(ID), type: header(TYPE), event: fromCloudEvent(String(value)) };
}
