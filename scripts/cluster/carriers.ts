/** What carries calls and events between the nodes of a local cluster: the servers for that, and how nodes find them. */
import { findDaemon } from "./binaries.ts";
import { kafkaHome } from "./kafka.jars.ts";
import { startKafka } from "./kafka.ts";
import { freePort } from "./ports.ts";
import type { Server, ServerOptions } from "./server.ts";
import { type Nats, startMosquitto, startRabbitMq, startRedis } from "./servers.ts";

/** The server of each. Calls go through the Redis that is there anyway, and TCP needs none. */
export const transporters = {
  nats: "nats",
  redis: "redis",
  amqp: "rabbitmq",
  mqtt: "mosquitto",
  kafka: "kafka",
  tcp: null,
} as const;
export const buses = { nats: "nats", redis: "redis-bus", rabbitmq: "rabbitmq", kafka: "kafka" } as const;

export interface Carriers {
  readonly transporter: keyof typeof transporters;
  readonly bus: keyof typeof buses;
}

/** Where the programs are that not every machine has, by the names of their servers. */
const programs: Readonly<Record<string, () => string>> = {
  rabbitmq: () => findDaemon("rabbitmq-server"),
  mosquitto: () => findDaemon("mosquitto"),
  kafka: kafkaHome,
};

/** @throws ConfigError that says what is missing on this machine */
export const findServer = (name: string | null): string => programs[name ?? ""]?.() ?? "";

/** Those that not every cluster has. */
const starts = {
  "redis-bus": (options: ServerOptions) => startRedis({ ...options, name: "redis-bus", isDurable: true }),
  rabbitmq: startRabbitMq,
  kafka: startKafka,
  mosquitto: startMosquitto,
};

/** Names of the servers. */
export const carriersOf = ({ transporter, bus }: Carriers): readonly (string | null)[] => [
  transporters[transporter],
  buses[bus],
];

/** Begins to start them, except NATS. */
export const startCarriers = (
  carriers: Carriers,
  options: (name: string) => ServerOptions,
  keep: (server: Server) => void,
): Promise<void>[] =>
  Object.entries(starts)
    .filter(([name]) => carriersOf(carriers).includes(name))
    .map(async ([name, start]) => keep(await start(options(name))));

/** With TCP nobody brings the nodes together: they know each other by name and port. */
async function tcpAddresses(nodes: readonly string[]): Promise<string> {
  const addresses: string[] = [];
  for (const name of nodes) addresses.push(`tcp://127.0.0.1:${await freePort()}/${name}`);
  return addresses.join(",");
}

/** The addresses for each user, such as a service, as secrets of the topology. */
export async function carrierSecrets(
  { transporter, bus }: Carriers,
  servers: ReadonlyMap<string, Server>,
  { users, nodes }: { readonly users: readonly string[]; readonly nodes: readonly string[] },
): Promise<Record<string, string>> {
  const nats = servers.get("nats") as Nats | undefined;
  const tcp = transporter === "tcp" ? await tcpAddresses(nodes) : "";
  const address = (name: string | null, user: string): string =>
    name === null ? tcp : name === "nats" ? nats!.urlFor(user) : servers.get(name)!.url;
  const secrets: Record<string, string> = transporter === "nats" ? { nats_system_url: nats!.systemUrl } : {};
  for (const user of users) {
    secrets[`${user}_transporter`] = address(transporters[transporter], user);
    // Without it, events go where calls go.
    if (transporter !== "nats" || bus !== "nats") secrets[`${user}_bus`] = address(buses[bus], user);
  }
  return secrets;
}
