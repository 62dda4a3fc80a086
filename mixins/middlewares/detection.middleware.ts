/**
 * Detects dead nodes long before Moleculer does (12 s). A crash is reported by the NATS server's system account within
 * milliseconds; a frozen or disconnected node is recognised by its silence after three heartbeats. Its open requests
 * are sent to other nodes at once. A node that only lost its connection is accepted again when it reconnects.
 */
import type { ServiceBroker } from "moleculer";
import type { NatsConnection } from "nats";
import { natsOptions, outlastRefusals } from "../node/nats.ts";
import { ANY, topology } from "../node/topology.ts";
import { isLinked } from "./link.middleware.ts";
import { middleware, type Receive } from "./middleware.ts";

interface Options {
  /** The NATS address with the credentials of the system account; null to rely on silence alone. */
  readonly systemUrl: string | null;
  /** Milliseconds of silence after which a node counts as gone; null where nodes send each other no heartbeats. */
  readonly silence: number | null;
}

interface Registry {
  readonly nodes: {
    get(id: string): { readonly id: string; readonly local: boolean; readonly available: boolean } | undefined;
    toArray(): readonly { readonly id: string; readonly local: boolean; readonly available: boolean }[];
    disconnected(id: string, isUnexpected: boolean): void;
  };
  readonly discoverer: {
    discoverNode(id: string): Promise<unknown>;
    heartbeatReceived(id: string, payload: unknown): void;
    /** True while this node hears of no other, because it reads heartbeats in a directory that is away. */
    readonly isBlind?: boolean;
  };
}

/** A message on `$SYS.ACCOUNT.<account>.CONNECT` or `….DISCONNECT`. */
interface ConnectionEvent {
  /** `start` is when it connected, RFC 3339. `user` is authenticated; `name` is only the client's claim. */
  readonly client: { readonly name?: string; readonly start: string; readonly user?: string };
}

/** Milliseconds. */
const LOOK = 500;
/** Milliseconds after a node's reconnection until it listens again. */
const SETTLE = 50;

const roleOf = (node: string): string => node.split(".", 1)[0]!;

/**
 * False when a client used the name of another service's node, so that its disconnection must not count. This is known
 * only where each service has a NATS user of its own, as in deploy/nats.conf, and this node too.
 * @param own this node's NATS user
 */
export const isNamedRightly = (
  { name = "", user }: { readonly name?: string; readonly user?: string },
  own: string | undefined,
): boolean => own !== topology.sender || user === undefined || user === ANY || user === roleOf(name);

class Detector {
  readonly #broker: ServiceBroker;
  readonly #registry: Registry;
  readonly #logger: ServiceBroker["logger"];
  /** The time of each node's newest connection. */
  readonly #connectedAt = new Map<string, number>();
  readonly #lastSeen = new Map<string, number>();
  readonly #user = topology.transporter?.startsWith("nats:") ? natsOptions(topology.transporter).user : undefined;
  #lookedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #system: NatsConnection | undefined;
  #stopped = false;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
    this.#registry = broker.registry;
    this.#logger = broker.getLogger("detection");
  }

  /** Any packet is a sign of life. Only known nodes are recorded, because any number of unknown names may appear. */
  seen(node: string): void {
    if (this.#registry.nodes.get(node)) this.#lastSeen.set(node, performance.now());
  }

  start({ systemUrl, silence }: Options): void {
    const { discoverer } = this.#registry;
    // Not every heartbeat comes as a packet.
    const receive = discoverer.heartbeatReceived.bind(discoverer);
    discoverer.heartbeatReceived = (id, payload) => {
      this.seen(id);
      receive(id, payload);
    };
    if (silence !== null) this.#timer = setInterval(() => this.#look(silence), LOOK);
    if (systemUrl) {
      this.#listen(systemUrl).catch((error: Error) =>
        this.#logger.warn(
          `NATS_SYSTEM_URL cannot be used (${error.message}): crashed nodes are noticed by their silence.`,
        ),
      );
    } else {
      this.#logger.info("Crashed nodes are noticed by their silence, in seconds; with NATS_SYSTEM_URL, at once.");
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#system?.close();
  }

  async #listen(systemUrl: string): Promise<void> {
    // Loaded on demand, so that a single node starts without the package.
    const { connect } = await import("nats");
    const connection = await connect(natsOptions(systemUrl, "detection"));
    this.#system = connection;
    outlastRefusals(connection);
    if (this.#stopped) return connection.close();
    const read = (data: Uint8Array) => JSON.parse(new TextDecoder().decode(data)) as ConnectionEvent;
    connection.subscribe("$SYS.ACCOUNT.*.CONNECT", {
      callback: (error, { data }) => void (error ?? this.#connected(read(data))),
    });
    connection.subscribe("$SYS.ACCOUNT.*.DISCONNECT", {
      callback: (error, { data }) => void (error ?? this.#disconnected(read(data))),
    });
    // Only the system account gets an answer.
    await connection.request("$SYS.REQ.SERVER.PING", "", { timeout: 2000 });
  }

  #connected({ client }: ConnectionEvent): void {
    const { name, start } = client;
    if (!name || !isNamedRightly(client, this.#user) || !this.#registry.nodes.get(name)) return;
    this.#connectedAt.set(name, Date.parse(start));
    setTimeout(() => void this.#registry.discoverer.discoverNode(name), SETTLE);
  }

  async #disconnected({ client }: ConnectionEvent): Promise<void> {
    const { name = "", start } = client;
    if (!isNamedRightly(client, this.#user) || !this.#registry.nodes.get(name)) return;
    // The node's last answers come on another connection, where they may still be on their way. NATS keeps the order.
    const { tx } = this.#broker.transit as unknown as { tx: { client?: NatsConnection | null } };
    await tx.client?.flush().catch(() => {});
    // The server may notice the end of an old connection after the node has reconnected.
    if (Date.parse(start) >= (this.#connectedAt.get(name) ?? 0)) this.#drop(name);
  }

  #look(silence: number): void {
    const now = performance.now();
    const wasAsleep = now - this.#lookedAt > 2 * LOOK;
    this.#lookedAt = now;
    const isDeaf = !isLinked(this.#broker) || this.#registry.discoverer.isBlind === true;
    // After this node itself was frozen or disconnected, the silence of others means nothing.
    if (wasAsleep || isDeaf) return this.#lastSeen.clear();
    for (const known of [this.#lastSeen, this.#connectedAt])
      for (const id of known.keys()) if (!this.#registry.nodes.get(id)) known.delete(id);
    for (const { id, local, available } of this.#registry.nodes.toArray()) {
      if (local || !available) continue;
      const seen = this.#lastSeen.get(id);
      if (seen === undefined) this.#lastSeen.set(id, now);
      else if (now - seen > silence) this.#drop(id);
    }
  }

  #drop(id: string): void {
    const node = this.#registry.nodes.get(id);
    this.#lastSeen.delete(id);
    if (node && !node.local && node.available) this.#registry.nodes.disconnected(id, true);
  }
}

export const detection = middleware((broker, options: Options) => {
  const detector = new Detector(broker);
  return {
    name: "Detection",
    transitMessageHandler:
      (next: Receive): Receive =>
      (cmd, packet) => {
        const { sender } = packet.payload ?? {};
        if (sender) detector.seen(sender);
        return next(cmd, packet);
      },
    started: async () => detector.start(options),
    stopped: () => detector.stop(),
  };
});
