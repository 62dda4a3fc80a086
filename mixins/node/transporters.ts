/**
 * How nodes reach each other without NATS. Moleculer's transporters are taught what a node needs here: a lost connection is made
 * again once and not twice, and no failure ends the process.
 */
import { Redis, type RedisOptions } from "ioredis";
import { Transporters } from "moleculer";
import { away } from "./away.ts";
import { KafkaTransporter } from "./kafka.transporter.ts";
import { topology } from "./topology.ts";

/** Milliseconds that a server may take to accept a connection, and between two attempts. */
const [PATIENCE, PAUSE] = [2000, 500];
/** Seconds between two signs of life of a connection. */
const ALIVE = 10;
/** Milliseconds that RabbitMQ keeps a packet that its node does not fetch: who asked waits no longer. */
const STALE = 5000;

/** While Redis is away, everything fails at once: what comes later has been asked again meanwhile. */
const redisOptions: RedisOptions = {
  connectTimeout: PATIENCE,
  retryStrategy: () => PAUSE,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  disableClientInfo: true,
};

class SteadyRedis extends Transporters.Redis {
  #receiving: Redis | undefined;
  #sending: Redis | undefined;

  /** Called for the connection that receives, and for another one that sends whenever the first was made again. */
  override getRedisClient({ url }: { readonly url: string }): Redis {
    this.#sending?.removeAllListeners("close").disconnect();
    const client = new Redis(url, { ...redisOptions, connectionName: this.nodeID });
    if (this.#receiving) this.#sending = client;
    this.#receiving ??= client;
    return client;
  }

  /** The next connection subscribes again. */
  override async subscribe(command: string, node?: string): Promise<void> {
    await this.clientSub.subscribe(this.getTopicName(command, node)).catch(() => {});
  }

  override async send(topic: string, data: Buffer): Promise<void> {
    try {
      await this.clientPub.publish(topic, data);
    } catch {
      throw away();
    }
  }
}

class SteadyMqtt extends Transporters.MQTT {
  #hasClient = false;

  /** The client connects again by itself. Another one beside it would receive each request, too. */
  override async connect(): Promise<void> {
    if (this.#hasClient) return;
    this.#hasClient = true;
    await super.connect();
  }

  /** The next connection subscribes again. */
  override async subscribe(command: string, node?: string): Promise<void> {
    await super.subscribe(command, node).catch(() => {});
  }

  override async send(topic: string, data: Buffer): Promise<void> {
    try {
      await super.send(topic, data);
    } catch {
      throw away();
    }
  }
}

for (const [name, type] of Object.entries({ SteadyRedis, SteadyMqtt, SteadyKafka: KafkaTransporter }))
  Transporters.register(name, type as never);

function amqp(addresses: string): object {
  const url = addresses.split(",").map((address) => {
    const one = new URL(address.trim());
    if (!one.searchParams.has("heartbeat")) one.searchParams.set("heartbeat", `${ALIVE}`);
    return one.href;
  });
  const options = {
    url,
    socketOptions: { noDelay: true, timeout: PATIENCE },
    // All that comes: with one at a time, a node would wait for itself when what it asks leads back to it. Bulkheads limit.
    prefetch: 0,
    queueOptions: { messageTtl: STALE },
  };
  return { type: "AMQP", options };
}

function mqtt(address: string): object {
  const { protocol, hostname, port, username, password } = new URL(address);
  const options = {
    protocol: protocol.slice(0, -1),
    host: hostname,
    ...(port && { port: Number(port) }),
    ...(username && { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
    clientId: topology.nodeId,
    keepalive: ALIVE,
    connectTimeout: PATIENCE,
    reconnectPeriod: PAUSE,
    queueQoSZero: false,
  };
  return { type: "SteadyMqtt", options };
}

/** Bytes: a node is told all about all others at once. */
const MOST_TCP = 64 * 1024 * 1024;
const MOST_NODES = 1000;

function tcp(addresses: string): object {
  // Where the others are named, nobody else on the network is looked for.
  const urls = addresses === "tcp://" ? null : addresses;
  const options = {
    urls,
    udpDiscovery: urls === null,
    gossipPeriod: topology.heartbeat / 1000,
    maxConnections: MOST_NODES,
    maxPacketSize: MOST_TCP,
  };
  return { type: "TCP", options };
}

const kafka = (url: string): object => ({ type: "SteadyKafka", options: { url } });

const redis = (url: string): object => ({ type: "SteadyRedis", options: { url } });

/** By the scheme of the address. */
export const transporters: Readonly<Record<string, (addresses: string) => unknown>> = {
  redis,
  rediss: redis,
  amqp,
  amqps: amqp,
  mqtt,
  mqtts: mqtt,
  tcp,
  kafka,
  kafkas: kafka,
};
