/** Where durable events travel, for each kind of bus: the names are those of the bus's own code. */
import { topicOf } from "#mixins/bus/kafka/store.ts";
import { streamOf as jetStreamOf, subjectOf } from "#mixins/bus/nats/stream.ts";
import { EXCHANGE } from "#mixins/bus/rabbitmq/store.ts";
import { channelOf, streamOf as redisStreamOf } from "#mixins/bus/redis/store.ts";
import type { Json } from "./openapi.schemas.ts";

export interface Way {
  /** The address belongs to one type of event, or to all events of a service. */
  readonly per: "type" | "source";
  /** The platform's own services read it. */
  readonly isRead: boolean;
  readonly server: keyof typeof servers;
  readonly title: string;
  /** By the type, or by the service. */
  readonly address: (of: string) => string;
  readonly description: (source: string) => string;
  readonly bindings?: (of: string) => Json;
}

const server = (protocol: string, port: number, description: string) => ({
  host: "{host}",
  protocol,
  description,
  variables: { host: { default: `127.0.0.1:${port}`, description: "As `BUS_URL` says." } },
});

export const servers = {
  nats: server("nats", 4222, "NATS with JetStream, when `BUS_URL` begins with `nats:` or nothing else is set."),
  redis: server("redis", 6379, "Redis, when `BUS_URL` begins with `redis:` or `rediss:`."),
  rabbitmq: server("amqp", 5672, "RabbitMQ, when `BUS_URL` begins with `amqp:` or `amqps:`."),
  kafka: server("kafka", 9092, "Kafka, when `BUS_URL` begins with `kafka:` or `kafkas:`."),
};

/** By the beginning of the channels' names. */
export const ways: Readonly<Record<string, Way>> = {
  nats: {
    per: "type",
    isRead: true,
    server: "nats",
    title: "NATS JetStream",
    address: subjectOf,
    description: (source) => `Stored in the stream \`${jetStreamOf(source)}\`: read it with a consumer of your own.`,
  },
  redis: {
    per: "source",
    isRead: true,
    server: "redis",
    title: "Redis stream",
    address: redisStreamOf,
    description: () =>
      "A stream, of which each entry has the fields `type` and `event`: read it with a consumer group of your own.",
  },
  "redis.news": {
    per: "type",
    isRead: false,
    server: "redis",
    title: "Redis Pub/Sub",
    address: channelOf,
    description: () => "News of the moment: who is away misses them.",
  },
  rabbitmq: {
    per: "type",
    isRead: true,
    server: "rabbitmq",
    title: "RabbitMQ",
    address: (type) => type,
    description: (source) =>
      `The routing key at the topic exchange \`${EXCHANGE}\`: bind a queue of your own, also with patterns such as \`${source}.*\`.`,
    bindings: () => ({
      amqp: {
        is: "routingKey",
        exchange: { name: EXCHANGE, type: "topic", durable: true, autoDelete: false },
        bindingVersion: "0.3.0",
      },
    }),
  },
  kafka: {
    per: "source",
    isRead: true,
    server: "kafka",
    title: "Kafka",
    address: topicOf,
    description: () => "A topic whose keys are the subjects of its events: read it with a consumer group of your own.",
    bindings: (source) => ({ kafka: { topic: topicOf(source), bindingVersion: "0.5.0" } }),
  },
};
