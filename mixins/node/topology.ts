/**
 * The place of this node in a deployment: its name, its services and the addresses of the servers. These settings turn
 * the same code into one process or many.
 */
import { hostname } from "node:os";
import { ConfigError, defineConfig, duration, listOf, oneOf, optional, setting, url, urls } from "#core/config.ts";
import { checkAddresses } from "./addresses.ts";

/** Both become part of NATS subjects, where blanks and wildcards have a meaning. */
const nodeName = setting("letters, digits, hyphens, underscores and single dots", (value) =>
  /^[\w-]+(?:\.[\w-]+)*$/.test(value) && value.length <= 200 ? value : undefined,
);
const serviceNames = listOf("names of services", (part) => (/^[a-z]+(?:-[a-z]+)*$/.test(part) ? part : undefined));

const config = defineConfig("topology", {
  TRANSPORTER: optional(
    urls(
      ["nats", "redis", "rediss", "amqp", "amqps", "kafka", "kafkas", "mqtt", "mqtts", "tcp"],
      "How nodes reach each other, e.g. nats://127.0.0.1:4222. Without it, one process runs everything.",
    ),
  ),
  SERVICES: serviceNames("Services that this node runs, e.g. order,payment. The default is all of them.", []),
  NODE_ID: optional(nodeName("Unique name of this node. The default is `<service>.<host>-<process>`.")),
  BUS: optional(oneOf(["local", "nats"], "How durable events travel: within the process, or over NATS JetStream.")),
  BUS_URL: optional(
    urls(
      ["nats", "tls", "redis", "rediss", "amqp", "amqps", "kafka", "kafkas"],
      "Server of durable events: NATS, Redis, RabbitMQ or Kafka by its scheme. Without it, NATS of TRANSPORTER, or within the process.",
    ),
  ),
  NATS_SYSTEM_URL: optional(
    urls(
      ["nats", "tls"],
      "NATS system account, which reports at once that a node is gone. Without it, nodes notice later.",
    ),
  ),
  REDIS_URL: optional(
    url(
      ["redis", "rediss"],
      "Redis that nodes share for the cache and rate limits. Without it, each node keeps its own.",
    ),
  ),
  DATABASE_URL: optional(
    url(
      ["postgres", "postgresql"],
      "PostgreSQL, with {service} in place of the service's name. Without it, data is in SQLite files in DATA_DIR.",
    ),
  ),
  DISCOVERER: oneOf(
    ["local", "redis", "etcd3"],
    "Where nodes read each other's heartbeats: from each other, or in Redis or etcd, which saves packets where nodes are many.",
    "local",
  ),
  DISCOVERER_URL: optional(urls(["redis", "rediss", "http", "https"], "Redis or etcd of DISCOVERER.")),
  HEARTBEAT_INTERVAL: duration("Milliseconds between two heartbeats of a node.", 1000, { least: 100, most: 60_000 }),
});

/** @throws ConfigError when settings that are valid alone contradict each other */
function check(): void {
  const { TRANSPORTER, SERVICES, BUS, BUS_URL, DATABASE_URL, DISCOVERER, DISCOVERER_URL } = config;
  for (const name of ["TRANSPORTER", "BUS_URL", "NATS_SYSTEM_URL", "REDIS_URL", "DISCOVERER_URL"] as const)
    checkAddresses(name, config[name]);
  if (BUS === "local" && BUS_URL)
    throw new ConfigError("BUS is local, but BUS_URL is the address of a server: set one of them only.");
  if (busKind() === "nats" && !busUrl())
    throw new ConfigError("BUS is nats, so BUS_URL must be set to a NATS server, or TRANSPORTER to nats://….");
  if (TRANSPORTER && SERVICES.length > 0 && busKind() === "local")
    throw new ConfigError(
      "The events of one node would reach no other: set BUS_URL to a server for them, or run all services in every node.",
    );
  if (BUS === "nats" && kindOf(BUS_URL ?? "nats://") !== "nats")
    throw new ConfigError("BUS is nats, but BUS_URL is the address of another kind of server: set one of them only.");
  if (["redis", "rabbitmq"].includes(busKind()) && BUS_URL!.includes(","))
    throw new ConfigError("BUS_URL names several servers, but of Redis or RabbitMQ it must be one.");
  if (/^(?:redis|mqtt)/.test(TRANSPORTER ?? "") && TRANSPORTER!.includes(","))
    throw new ConfigError("TRANSPORTER names several servers, but of Redis or MQTT it must be one.");
  if (BUS === "nats" && !TRANSPORTER) throw new ConfigError("BUS is nats, so TRANSPORTER must be set too.");
  if (DISCOVERER === "local" && DISCOVERER_URL)
    throw new ConfigError("DISCOVERER_URL is set, so DISCOVERER must be redis or etcd3.");
  if (DISCOVERER !== "local" && !DISCOVERER_URL)
    throw new ConfigError(`DISCOVERER is ${DISCOVERER}, so DISCOVERER_URL must be set.`);
  if (DISCOVERER_URL && DISCOVERER_URL.startsWith("redis") !== (DISCOVERER === "redis"))
    throw new ConfigError(`DISCOVERER is ${DISCOVERER}, but DISCOVERER_URL is the address of another kind of server.`);
  if (DISCOVERER === "redis" && DISCOVERER_URL!.includes(","))
    throw new ConfigError("DISCOVERER_URL names several servers, but with redis it must be one.");
  if (DISCOVERER !== "local" && TRANSPORTER?.startsWith("tcp:"))
    throw new ConfigError("With TRANSPORTER=tcp:// nodes find each other by themselves: leave DISCOVERER unset.");
  if (DATABASE_URL !== null && new URL(DATABASE_URL).pathname.length < 2)
    throw new ConfigError("DATABASE_URL must end with the name of a database, e.g. postgres://user@host/{service}.");
  if (isGuarded() && !nodeId.startsWith(`${sender}.`))
    throw new ConfigError(`NODE_ID must begin with "${sender}.", since TRANSPORTER signs in to NATS as ${sender}.`);
}

const isNats = (): boolean => config.TRANSPORTER?.startsWith("nats://") ?? false;
const busUrl = (): string | null => config.BUS_URL ?? (isNats() ? config.TRANSPORTER : null);
type BusKind = "nats" | "redis" | "rabbitmq" | "kafka";
const kinds = [
  ["redis", "redis"],
  ["amqp", "rabbitmq"],
  ["kafka", "kafka"],
] as const;
const kindOf = (url: string): BusKind => kinds.find(([scheme]) => url.startsWith(scheme))?.[1] ?? "nats";
const busKind = (): "local" | BusKind => config.BUS ?? (busUrl() ? kindOf(busUrl()!) : "local");

/** The NATS user of operators and of nodes with several services. It may act as any service. */
export const ANY = "node";
/** The service that this node runs, the first part of its default id, on which NATS permissions depend. */
const role = config.SERVICES.length === 1 ? config.SERVICES[0]! : ANY;

/** The user in the first of several addresses. */
const userOf = (addresses: string | null): string =>
  decodeURIComponent(URL.parse(addresses?.split(",")[0] ?? "")?.username ?? "");
/** The NATS user of this node, where each service has a user of its own, as in deploy/nats.conf. */
const sender = userOf(config.TRANSPORTER) === ANY ? ANY : role;
const isGuarded = (): boolean => isNats() && userOf(config.TRANSPORTER) === sender;
const nodeId = config.NODE_ID ?? `${sender}.${hostname().replaceAll(".", "-").toLowerCase()}-${process.pid}`;

check();

/** Computed once for the whole process. */
export const topology = Object.freeze({
  role,
  nodeId,
  /** The service in whose name this node publishes. */
  sender,
  /** True where NATS lets each service publish in its own name only. Elsewhere every client of NATS is trusted. */
  isGuarded: isGuarded(),
  transporter: config.TRANSPORTER,
  /** Services to run; empty for all. */
  services: config.SERVICES,
  bus: busKind(),
  busUrl: busUrl(),
  /** False where a deployment user creates the streams (`npm run streams`), because services may not. */
  makesStreams: busKind() !== "nats" || ![role, ANY].includes(userOf(busUrl())),
  systemUrl: config.NATS_SYSTEM_URL,
  redisUrl: config.REDIS_URL,
  discoverer: config.DISCOVERER,
  discovererUrl: config.DISCOVERER_URL,
  /** Milliseconds. */
  heartbeat: config.HEARTBEAT_INTERVAL,
  /** True when other nodes may exist. */
  isCluster: config.TRANSPORTER !== null,
});

/** The service's PostgreSQL database; null for a SQLite file. */
export const databaseUrl = (service: string): string | null =>
  config.DATABASE_URL?.replaceAll(/\{service\}|%7Bservice%7D/g, service.replaceAll("-", "_")) ?? null;

/** The server and name of a service's database. Another account in the URL does not make it another database. */
function placeOf(service: string): string {
  const { host, pathname } = new URL(databaseUrl(service)!);
  return host + pathname;
}

/** True when each service has a database of its own, in whatever process it runs. */
export const hasDatabaseEach = config.DATABASE_URL === null || placeOf("a") !== placeOf("b");
