/** Where durable events travel, for each kind of bus: the names are those of the bus's own code. */
import { streamOf as jetStreamOf, subjectOf } from "#mixins/bus/nats/stream.ts";
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
};
