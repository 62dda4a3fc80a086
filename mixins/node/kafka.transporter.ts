/**
 * Moleculer over Kafka. Each node reads two topics: one of its own, and one of all nodes. Moleculer's own makes seven for
 * each node, joins a group, which takes seconds, and does not come back when Kafka was away.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaRecord } from "@platformatic/kafka";
import { Transporters } from "moleculer";
import { KafkaConnection } from "../kafka/connection.ts";
import { away } from "./away.ts";
import { KafkaListener } from "./kafka.listener.ts";

/** The header that says which packet a message is. */
const COMMAND = "command";
/** Milliseconds between two attempts to greet the others. */
const PAUSE = 250;
/** As `acks`: an answer when the leader has it. A packet is worth no more. */
const LEADER = 1;

interface Message {
  readonly topic: string;
  readonly partition: 0;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class KafkaTransporter extends Transporters.Base {
  readonly #url: string;
  readonly #sending = new Map<string, { waiting: Message[]; work: Promise<void> }>();
  #connection: KafkaConnection | undefined;
  #listeners: readonly KafkaListener[] = [];
  #wasConnected = false;

  constructor({ url }: { readonly url: string }) {
    super({ url });
    this.#url = url;
  }

  /** Called once: what is lost is made again without Moleculer. */
  override connect(): Promise<void> {
    const link = {
      connected: () => void this.#found(),
      lost: (reason: string) => this.#lost(reason),
    };
    const connection = new KafkaConnection({ url: this.#url, setting: "TRANSPORTER", name: this.nodeID, link });
    this.#connection = connection;
    const take = (record: KafkaRecord) => this.#take(record);
    this.#listeners = [this.getTopicName(""), this.getTopicName("", this.nodeID)].map(
      (topic) => new KafkaListener(connection, topic, take),
    );
    return Promise.resolve();
  }

  override disconnect(): Promise<void> {
    this.connected = false;
    for (const listener of this.#listeners) listener.close();
    this.#connection?.close();
    return Promise.resolve();
  }

  /** Both topics carry every command. */
  override getTopicName(_command: string, node?: string): string {
    return node === undefined || node === null ? `${this.prefix}.all` : `${this.prefix}.node.${node}`;
  }

  override async makeSubscriptions(): Promise<void> {
    await Promise.all(this.#listeners.map(({ opened }) => opened));
  }

  override subscribe = async (): Promise<void> => {};
  override subscribeBalancedRequest = async (): Promise<void> => {};
  override subscribeBalancedEvent = async (): Promise<void> => {};

  /** What is sent to a topic while it takes others goes together in the next request. */
  override async send(topic: string, data: Buffer, { packet }: { readonly packet: { readonly type: string } }) {
    const message: Message = { topic, partition: 0, value: data.toString(), headers: { [COMMAND]: packet.type } };
    const before = this.#sending.get(topic);
    if (before && before.waiting.length > 0) {
      before.waiting.push(message);
      return before.work;
    }
    const waiting = [message];
    const work = (before?.work ?? Promise.resolve()).catch(() => {}).then(() => this.#produce(waiting));
    const sending = { waiting, work };
    this.#sending.set(topic, sending);
    // Topics of nodes that are gone are not kept.
    return work.finally(() => this.#sending.get(topic) === sending && this.#sending.delete(topic));
  }

  async #produce(waiting: Message[]): Promise<void> {
    const messages = waiting.splice(0);
    try {
      if (!this.connected) throw away();
      await this.#connection!.ask(({ producer }) => producer.send({ messages, acks: LEADER }));
    } catch {
      throw away();
    }
  }

  #take({ value, headers }: KafkaRecord): void {
    const command = headers.find(([key]) => String(key) === COMMAND)?.[1]?.toString();
    if (command && value) void this.receive(command, value);
  }

  /** Kafka may go away again while nodes greet each other: then they do it once more. */
  async #found(): Promise<void> {
    while (!this.connected && this.#connection!.isUp) {
      try {
        await this.onConnected(this.#wasConnected);
        this.#wasConnected = true;
      } catch {
        this.connected = false;
        await sleep(PAUSE);
      }
    }
  }

  #lost(reason: string): void {
    if (this.connected || !this.#wasConnected) this.logger.warn(`Kafka is away (${reason}).`);
    this.connected = false;
  }
}
