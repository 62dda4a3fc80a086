/** Where this node is, what it runs, and where the others are: what makes one process or many of the same code. */
import { hostname } from "node:os";
import { ConfigError, defineConfig, duration, listOf, oneOf, optional, setting, url, urls } from "#core/config.ts";

/** Both become a part of NATS's subjects, where blanks and wildcards mean something. */
const nodeName = setting("letters, digits, hyphens, underscores and single dots", (value) =>
  /^[\w-]+(?:\.[\w-]+)*$/.test(value) && value.length <= 200 ? value : undefined,
);
const serviceNames = listOf("names of services", (part) => (/^[a-z]+(?:-[a-z]+)*$/.test(part) ? part : undefined));

const config = defineConfig("topology", {
  TRANSPORTER: optional(
    urls(
      ["nats", "redis", "rediss", "amqp", "amqps", "kafka", "mqtt", "mqtts", "tcp"],
      "How nodes reach each other, e.g. nats://127.0.0.1:4222; without it one process runs everything.",
    ),
  ),
  SERVICES: serviceNames("Services that this node runs, e.g. order,payment; all of them unless set.", []),
  NODE_ID: optional(nodeName("Name of this node, unlike any other's; `<service>.<host>-<process>` unless set.")),
  BUS: optional(oneOf(["local", "nats"], "How durable events travel: within the process, or over NATS JetStream.")),
  BUS_URL: optional(urls(["nats", "tls"], "NATS server of the bus; TRANSPORTER unless set.")),
  NATS_SYSTEM_URL: optional(
    urls(["nats", "tls"], "NATS system account, which tells at once when a node is gone; slower without it."),
  ),
  REDIS_URL: optional(
    url(["redis", "rediss"], "Redis that nodes share for the cache and for limits; each keeps its own without it."),
  ),
  DATABASE_URL: optional(
    url(
      ["postgres", "postgresql"],
      "PostgreSQL with {service} where the service's name goes; SQLite files in DATA_DIR without it.",
    ),
  ),
  DISCOVERER: oneOf(["local", "redis", "etcd3"], "How nodes find each other.", "local"),
  DISCOVERER_URL: optional(urls(["redis", "rediss", "http", "https"], "Redis or etcd3 of the discoverer.")),
  HEARTBEAT_INTERVAL: duration("Milliseconds between two signs of life of a node.", 1000, { least: 100, most: 60_000 }),
});

/** @throws ConfigError when settings that are each right do not go together */
function check(): void {
  const { TRANSPORTER, SERVICES, BUS, DATABASE_URL, DISCOVERER, DISCOVERER_URL } = config;
  if (busKind() === "nats" && !busUrl())
    throw new ConfigError("BUS is nats, so BUS_URL must be set to a NATS server, or TRANSPORTER to nats://….");
  if (TRANSPORTER && SERVICES.length > 0 && busKind() === "local")
    throw new ConfigError(
      "With BUS=local the events of one node reach no other: set BUS to nats, or run all services in every node.",
    );
  if (BUS === "nats" && !TRANSPORTER) throw new ConfigError("BUS is nats, so TRANSPORTER must be set too.");
  if (DISCOVERER !== "local" && !DISCOVERER_URL)
    throw new ConfigError(`DISCOVERER is ${DISCOVERER}, so DISCOVERER_URL must be set.`);
  if (DISCOVERER_URL && DISCOVERER !== "local" && DISCOVERER_URL.startsWith("redis") !== (DISCOVERER === "redis"))
    throw new ConfigError(`DISCOVERER is ${DISCOVERER}, but DISCOVERER_URL is the address of another kind of server.`);
  if (DATABASE_URL !== null && new URL(DATABASE_URL).pathname.length < 2)
    throw new ConfigError("DATABASE_URL must end with the name of a database, e.g. postgres://user@host/{service}.");
  if (isGuarded() && !nodeId.startsWith(`${sender}.`))
    throw new ConfigError(`NODE_ID must begin with "${sender}.", since TRANSPORTER signs in to NATS as ${sender}.`);
}

const isNats = (): boolean => config.TRANSPORTER?.startsWith("nats://") ?? false;
const busUrl = (): string | null => config.BUS_URL ?? (isNats() ? config.TRANSPORTER : null);
const busKind = (): "local" | "nats" => config.BUS ?? (isNats() ? "nats" : "local");

/** The NATS user of nodes with several services and of operators, who may act as any service. */
export const ANY = "node";
/** The service that a node is there for. NATS permissions go by it, since it is the first part of every default node id. */
const role = config.SERVICES.length === 1 ? config.SERVICES[0]! : ANY;

/** The user in an address, of which the first of several has it. */
const userOf = (addresses: string | null): string =>
  decodeURIComponent(URL.parse(addresses?.split(",")[0] ?? "")?.username ?? "");
/** Whom NATS knows this node as, where it has a user for each service, as in deploy/nats.conf. */
const sender = userOf(config.TRANSPORTER) === ANY ? ANY : role;
const isGuarded = (): boolean => isNats() && userOf(config.TRANSPORTER) === sender;
const nodeId = config.NODE_ID ?? `${sender}.${hostname().replaceAll(".", "-").toLowerCase()}-${process.pid}`;

check();

/** Settled once for the whole process. */
export const topology = Object.freeze({
  role,
  nodeId,
  /** The service as which this node speaks. */
  sender,
  /** True where NATS lets each service speak in its own name only; else any client is believed whatever it says. */
  isGuarded: isGuarded(),
  transporter: config.TRANSPORTER,
  /** Services to run; empty for all. */
  services: config.SERVICES,
  bus: busKind(),
  busUrl: busUrl(),
  /** False where a deployment user makes the streams (`npm run streams`), since services may not. */
  makesStreams: ![role, ANY].includes(userOf(busUrl())),
  systemUrl: config.NATS_SYSTEM_URL,
  redisUrl: config.REDIS_URL,
  discoverer: config.DISCOVERER,
  discovererUrl: config.DISCOVERER_URL,
  /** Milliseconds. */
  heartbeat: config.HEARTBEAT_INTERVAL,
  /** True when other nodes may be there. */
  isCluster: config.TRANSPORTER !== null,
});

/** The service's PostgreSQL database; null for a SQLite file. */
export const databaseUrl = (service: string): string | null =>
  config.DATABASE_URL?.replaceAll(/\{service\}|%7Bservice%7D/g, service.replaceAll("-", "_")) ?? null;

/** Server and name of a service's database. Another account in the URL does not make it another database. */
function placeOf(service: string): string {
  const { host, pathname } = new URL(databaseUrl(service)!);
  return host + pathname;
}

/** True when each service has a place of its own, whichever runs here. */
export const hasDatabaseEach = config.DATABASE_URL === null || placeOf("a") !== placeOf("b");
