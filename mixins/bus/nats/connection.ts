/** A node's shared connection to JetStream. It is made as soon as the server is there, and always made again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionOptions, Events, JetStreamClient, JetStreamManager, NatsConnection as Connection } from "nats";
import type { ServiceBroker } from "moleculer";
import { reportDependency } from "../../node/dependencies.ts";
import { natsOptions, sendOnceATurn } from "../../node/nats.ts";
import { topology } from "../../node/topology.ts";

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
  readonly #broker: ServiceBroker;
  readonly #options: ConnectionOptions;
  readonly #listeners = new Set<() => void>();
  readonly #closing = new AbortController();
  #connection: Connection | null = null;
  #jetStream: JetStream | null = null;
  #wasUp: boolean | null = null;

  constructor(broker: ServiceBroker, url: string) {
    this.#broker = broker;
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

  /** Calls the listener for each new connection, because the state of the server may have changed meanwhile. */
  onConnect(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when everything was sent, or after half a second. */
  async flush(): Promise<void> {
    const late = sleep(500, undefined, { ref: false });
    if (this.#jetStream) await Promise.race([this.#connection?.flush().catch(() => {}), late]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
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
        this.#tell(false, (error as Error).message);
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
      this.#tell(true);
      for (const listener of this.#listeners) listener();
    };
    connected();
    for await (const { type } of connection.status()) {
      if (type === Disconnect) this.#tell(false, "connection lost");
      if (type === Reconnect) connected();
    }
    const error = await connection.closed();
    this.#tell(false, error?.message ?? "connection closed");
  }

  /** Logs one line for each change. */
  #tell(isUp: boolean, reason = ""): void {
    if (!isUp) this.#jetStream = null;
    if (this.#closing.signal.aborted) return;
    const wasUp = this.#wasUp;
    this.#wasUp = isUp;
    reportDependency(
      this.#broker,
      isUp ? { name: "bus", status: "ok" } : { name: "bus", status: "away", detail: "events wait in their outboxes" },
    );
    if (wasUp === isUp) return;
    if (!isUp) this.#broker.logger.warn(`The bus is away (${reason}): events wait in their outboxes.`);
    else if (wasUp === false) this.#broker.logger.info("The bus is back.");
  }
}
