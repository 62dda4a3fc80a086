/** The servers that may carry durable events, by the name of their bus. */
import { findBinary, findDaemon } from "../../../scripts/cluster/binaries.ts";
import { kafkaHome } from "../../../scripts/cluster/kafka.jars.ts";
import { startKafka } from "../../../scripts/cluster/kafka.ts";
import { startRabbitMq } from "../../../scripts/cluster/rabbitmq.ts";
import type { ServerOptions } from "../../../scripts/cluster/server.ts";
import { type Server, startNats, startRedis } from "../../../scripts/cluster/servers.ts";

interface BusServerKind {
  /** Where its program is. @throws ConfigError that says what is missing on this machine */
  readonly find: () => string;
  readonly start: (options: ServerOptions) => Promise<Server>;
}

export const busServers = {
  nats: { find: () => findBinary("nats-server"), start: startNats },
  redis: {
    find: () => findBinary("redis-server"),
    start: (options: ServerOptions) => startRedis({ ...options, isDurable: true }),
  },
  rabbitmq: { find: () => findDaemon("rabbitmq-server"), start: startRabbitMq },
  kafka: { find: kafkaHome, start: startKafka },
} satisfies Record<string, BusServerKind>;
