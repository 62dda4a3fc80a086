/** A node's shared connection to JetStream. It is made as soon as the server is there, and always made again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionOptions, Events, JetStreamClient, JetStreamManager, NatsConnection as Connection } from "nats";
import type { ServiceBroker } from "moleculer";
import { natsOptions, sendOnceATurn } from "../../node/nats.ts";
import { topology } from "../../node/topology.ts";
import { Link } from "../link.ts";

/** Milliseconds that JetStream may take to answer. */
export const PATIENCE = 2000;
/** Milliseconds between two attempts to connect. */
const PAUSE = 250;
/** Milliseconds between two pings. A server that answers neither of two counts as gone. */
const PING = 2000;

export interface JetStream {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
}

export class NatsConnection {
  readonly #link: Link;
  readonly #options: ConnectionOptions;
  readonly #closing = new AbortController();
  #connection: Connection | null = null;
  #jetStream: JetStream | null = null;

  constructor(broker: ServiceBroker, url: string) {
    this.#link = new Link(broker);
    this.#options = {
      ...natsOptions(url, "bus"),
      inboxPrefix: `_INBOX_${topology.sender}`,
      // Our own loop waits instead, because it can be ended.
      waitOnFirstConnect: false,
      ignoreAuthErrorAbort: true,
      pingInterval: PING,
      timeout: PATIENCE,
    };
    void this.#run();
  }

  get isUp(): boolean {
    return this.#jetStream !== null;
  }

  /**
   * JetStream, when it is connected now.
   * @throws Error at once when it is not
   */
  get jetStream(): JetStream {
    if (!this.#jetStream) throw new Error("The bus is away.");
    return this.#jetStream;
  }

  onConnect(listener: () => void): () => void {
    return this.#link.onConnect(listener);
  }

  /** Resolves when everything was sent, or after half a second. */
  async flush(): Promise<void> {
    const late = sleep(500, undefined, { ref: false });
    if (this.#jetStream) await Promise.race([this.#connection?.flush().catch(() => {}), late]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#link.close();
    this.#jetStream = null;
    await this.#connection?.close();
  }

  async #run(): Promise<void> {
    // Loaded on demand, so that a node without NATS starts without the package.
    const { connect, Events } = await import("nats");
    while (!this.#closing.signal.aborted) {
      try {
        await this.#use(await connect(this.#options), Events);
      } catch (error) {
        this.#lost((error as Error).message);
        await sleep(PAUSE, undefined, { signal: this.#closing.signal }).catch(() => {});
      }
    }
  }

  /** Resolves when the connection is finally closed. */
  async #use(connection: Connection, { Disconnect, Reconnect }: typeof Events): Promise<void> {
    if (this.#closing.signal.aborted) return connection.close();
    this.#connection = connection;
    sendOnceATurn(connection);
    const js = connection.jetstream({ timeout: PATIENCE });
    const jsm = await connection.jetstreamManager({ timeout: PATIENCE, checkAPI: false });
    const connected = () => {
      this.#jetStream = { js, jsm };
      this.#link.connected();
    };
    connected();
    for await (const { type } of connection.status()) {
      if (type === Disconnect) this.#lost("connection lost");
      if (type === Reconnect) connected();
    }
    const error = await connection.closed();
    this.#lost(error?.message ?? "connection closed");
  }

  #lost(reason: string): void {
    this.#jetStream = null;
    this.#link.lost(reason);
  }
}
