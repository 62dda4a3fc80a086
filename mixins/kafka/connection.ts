/** A node's shared connection to Kafka. It is made as soon as a broker is there, and always made again. */
import { setTimeout as sleep } from "node:timers/promises";
import type * as kafka from "@platformatic/kafka";
import type { Admin, Consumer, Producer } from "@platformatic/kafka";
import { inTime as limited } from "#core/in-time.ts";
import { addressOf } from "./address.ts";

/** Milliseconds that Kafka may take for an answer. */
export const PATIENCE = 2000;
/** Milliseconds between two attempts to connect. */
const PAUSE = 250;
/** Milliseconds between two questions that only ask whether Kafka is there. It closes connections that are silent for ten minutes. */
const PING = 5000;
/** Milliseconds that a read may take, which waits for a second itself. */
const READ = 3000;

const LATE = `no answer within ${PATIENCE} ms`;

type Kafka = typeof kafka;

interface Clients {
  readonly admin: Admin;
  readonly producer: Producer<string, string, string, string>;
}

/** Hears when the connection is made, when its server may have lost something, and when the connection is lost. */
interface Link {
  connected(): void;
  lost(reason: string): void;
}

interface Options {
  readonly url: string;
  /** The setting that holds the address. */
  readonly setting: string;
  /** How this client is called in Kafka's log and figures. */
  readonly name: string;
  readonly link: Link;
}

export class KafkaConnection {
  readonly #link: Link;
  readonly #name: string;
  readonly #options;
  readonly #closing = new AbortController();
  #kafka!: Kafka;
  #clients: Clients | null = null;

  /** @throws ConfigError when the address cannot work */
  constructor({ url, setting, name, link }: Options) {
    this.#link = link;
    this.#name = name;
    this.#options = {
      ...addressOf(url, setting),
      connectTimeout: PATIENCE,
      timeout: PATIENCE,
      // Whoever asks tries again.
      retries: false,
    };
    void this.#open();
  }

  get isUp(): boolean {
    return this.#clients !== null;
  }

  close(): void {
    this.#closing.abort();
    if (this.#clients) closeAll(this.#clients);
    this.#clients = null;
  }

  /** @throws Error that says why it did not succeed, at once while Kafka is away */
  async ask<T>(work: (clients: Clients) => Promise<T>): Promise<T> {
    const clients = this.#clients;
    if (!clients) throw new Error("Kafka is away.");
    try {
      return await inTime(work(clients));
    } catch (error) {
      const reason = reasonOf(error as Error);
      if (reason === LATE) this.#lose(clients, reason);
      throw new Error(reason, { cause: error });
    }
  }

  /** A reader has a connection of its own, because a read that waits holds up all others. */
  reader(purpose: string): Consumer {
    const clientId = `${this.#name}/${purpose}`;
    // It joins no group: the reader itself remembers its position.
    return quiet(new this.#kafka.Consumer({ ...this.#options, clientId, groupId: clientId, requestTimeout: READ }));
  }

  /** Loaded on demand, so that a node without Kafka starts without the package. */
  async #open(): Promise<void> {
    this.#kafka = await import("@platformatic/kafka");
    void this.#connect();
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(PING, undefined, { signal, ref: false }).catch(() => {});
      if (this.#clients) await this.ask(ping).catch(() => {});
    }
  }

  async #connect(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const clients = this.#make();
      const reason = await inTime(ping(clients)).then(() => null, reasonOf);
      if (reason === null && !signal.aborted) return this.#accept(clients);
      closeAll(clients);
      this.#link.lost(reason ?? "");
      await sleep(PAUSE, undefined, { signal }).catch(() => {});
    }
  }

  #make(): Clients {
    const { Admin, Producer, stringSerializers } = this.#kafka;
    const options = { ...this.#options, clientId: this.#name };
    return {
      admin: quiet(new Admin(options)),
      producer: quiet(new Producer({ ...options, serializers: stringSerializers })),
    };
  }

  #accept(clients: Clients): void {
    this.#clients = clients;
    clients.admin.on("client:broker:disconnect", () => void this.#check(clients));
    this.#link.connected();
  }

  /** One broker of several may have gone, or one that was silent; one that started again may have lost something. */
  async #check(clients: Clients): Promise<void> {
    if (this.#clients !== clients) return;
    const reason = await inTime(ping(clients)).then(() => null, reasonOf);
    if (reason !== null) this.#lose(clients, reason);
    else if (this.#clients === clients) this.#link.connected();
  }

  /** Its connections are not used again: an answer that is late must not be taken for that of a later question. */
  #lose(clients: Clients, reason: string): void {
    if (this.#clients !== clients) return;
    this.#clients = null;
    closeAll(clients);
    this.#link.lost(reason);
    void this.#connect();
  }
}

const ping = ({ admin }: Clients): Promise<unknown> => admin.metadata({ topics: [], forceUpdate: true });

/** A connection that is cut while it signs in tells that more often than the client listens, which would end the process. */
function quiet<C extends Pick<Admin, "connections">>(client: C): C {
  client.connections.on("connecting", ({ connection }) => void connection.on("error", () => {}));
  return client;
}

function closeAll({ admin, producer }: Clients): void {
  for (const client of [admin, producer]) client.close().catch(() => {});
}

const inTime = <T>(work: Promise<T>): Promise<T> => limited(work, PATIENCE, LATE);

/** The client wraps what it was told in errors of its own. */
function reasonOf(error: Error): string {
  const inner = ((error as AggregateError).errors?.[0] ?? error.cause) as Partial<Error> | undefined;
  return inner?.message === undefined ? error.message : reasonOf(inner as Error);
}
