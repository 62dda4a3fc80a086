import { spawnSync } from "node:child_process";
import type { topology } from "./topology.ts";

type Environment = Readonly<Record<string, string>>;

const script = 'console.log(JSON.stringify((await import("#mixins/node/topology.ts")).topology))';
const run = (environment: Environment) =>
  spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script], {
    encoding: "utf8",
    env: { DATA_DIR: process.env.DATA_DIR!, ...environment },
  });

/** What a process says that reads these settings; nothing when they fit together. */
function told(environment: Environment): string {
  const { stderr } = run(environment);
  return /^ConfigError: (.*)$/m.exec(stderr)?.[1] ?? stderr;
}

/** What it makes of them. */
const topologyWith = (environment: Environment) => JSON.parse(run(environment).stdout) as typeof topology;

const NATS = "nats://127.0.0.1:4222";

describe("topology", () => {
  it.each<[Readonly<Record<string, string>>, RegExp]>([
    [{ BUS: "nats" }, /^BUS is nats, so BUS_URL must be set to a NATS server, or TRANSPORTER to nats:\/\/…\.$/],
    [{ BUS: "nats", BUS_URL: NATS }, /^BUS is nats, so TRANSPORTER must be set too\.$/],
    [
      { TRANSPORTER: NATS, BUS: "nats", BUS_URL: "redis://a" },
      /^BUS is nats, but BUS_URL is the address of another .+\.$/,
    ],
    [{ BUS: "local", BUS_URL: "redis://a" }, /^BUS is local, but BUS_URL is .+\.$/],
    [{ DISCOVERER_URL: "redis://a" }, /^DISCOVERER_URL is set, so DISCOVERER must be redis or etcd3\.$/],
    [{ BUS_URL: "kafka://a,kafka://b/orders" }, /^BUS_URL has a path after the host, which Kafka has no use for: /],
    [{ BUS_URL: "nats://a/orders" }, /^BUS_URL has a path after the host, which NATS has no use for: /],
    [{ NATS_SYSTEM_URL: "tls://a/x" }, /^NATS_SYSTEM_URL has a path after the host, which NATS /],
    [{ BUS_URL: "redis://a/orders" }, /^BUS_URL has a path after the host, which must be the number of a database /],
    [{ REDIS_URL: "rediss://a/0/1" }, /^REDIS_URL has a path after the host, which must be the number of a database /],
    [{ TRANSPORTER: "mqtts://a/x" }, /^TRANSPORTER has a path after the host, which MQTT has no use for: /],
    [
      { DISCOVERER: "etcd3", DISCOVERER_URL: "http://a/v3" },
      /^DISCOVERER_URL has a path after the host, which etcd has no use for: /,
    ],
    [
      { TRANSPORTER: "tcp://a:6000" },
      /^TRANSPORTER must name each node with its port, such as .+, or be tcp:\/\/ alone\.$/,
    ],
    [{ TRANSPORTER: "tcp://a:6000/order,tcp://b/user" }, /^TRANSPORTER must name each node with its port, .+\.$/],
    [{ TRANSPORTER: "tcp://,tcp://a:6000/order" }, /^TRANSPORTER must name each node with its port, .+\.$/],
    [{ BUS_URL: "redis://a,redis://b" }, /^BUS_URL names several servers, but of Redis or RabbitMQ it must be one\.$/],
    [
      { TRANSPORTER: "mqtt://a,mqtt://b" },
      /^TRANSPORTER names several servers, but of Redis or MQTT it must be one\.$/,
    ],
    [
      { TRANSPORTER: NATS, BUS: "local", SERVICES: "order" },
      /^The events of one node would reach no other: set BUS_URL /,
    ],
    [{ TRANSPORTER: "redis://a", SERVICES: "order" }, /^The events of one node would reach no other: set BUS_URL /],
    [{ DISCOVERER: "redis" }, /^DISCOVERER is redis, so DISCOVERER_URL must be set\.$/],
    [{ DISCOVERER: "redis", DISCOVERER_URL: "http://etcd" }, /^DISCOVERER is redis, but DISCOVERER_URL is .+\.$/],
    [{ DISCOVERER: "etcd3", DISCOVERER_URL: "redis://redis" }, /^DISCOVERER is etcd3, but DISCOVERER_URL is .+\.$/],
    [{ DISCOVERER: "redis", DISCOVERER_URL: "redis://a,redis://b" }, /^DISCOVERER_URL names several servers, .+\.$/],
    [
      { TRANSPORTER: "tcp://", DISCOVERER: "redis", DISCOVERER_URL: "redis://a" },
      /^With TRANSPORTER=tcp:\/\/ nodes find each other by themselves: leave DISCOVERER unset\.$/,
    ],
    [
      { TRANSPORTER: `nats://order:x@a`, SERVICES: "order", NODE_ID: "order" },
      /^NODE_ID must begin with "order\.", .+\.$/,
    ],
    [
      { TRANSPORTER: `nats://order:x@a`, SERVICES: "order", NODE_ID: "user.a" },
      /^NODE_ID must begin with "order\.", .+\.$/,
    ],
    [
      { TRANSPORTER: `nats://node:x@a`, SERVICES: "order", NODE_ID: "order.a" },
      /^NODE_ID must begin with "node\.", .+\.$/,
    ],
    [{ DATABASE_URL: "postgres://db" }, /^DATABASE_URL must end with the name of a database, e\.g\. .+\.$/],
    [{ DATABASE_URL: "postgres://db/" }, /^DATABASE_URL must end with the name of a database, e\.g\. .+\.$/],
  ])("tells in one sentence that settings do not fit together: %j", (environment, sentence) => {
    expect(told(environment)).toMatch(sentence);
  });

  it.each([
    {},
    { TRANSPORTER: "nats://ann:secret@a:4222,nats://b:4222", SERVICES: "order" },
    { TRANSPORTER: "tcp://" },
    { TRANSPORTER: "tcp://a:6000/order.a, tcp://b:6000/user.b" },
    { TRANSPORTER: "amqp://a/staging", BUS_URL: "redis://:secret@a:6379/2", REDIS_URL: "redis://a/" },
    { DATABASE_URL: "postgresql://ann:secret@db:5432/{service}?sslmode=verify-full" },
    { DISCOVERER: "etcd3", DISCOVERER_URL: "http://a:2379,http://b:2379" },
  ])("takes %j", (environment) => {
    expect(told(environment)).toBe("");
  });
});

describe("whom NATS knows a node as", () => {
  it("is its service, where each has a user", () => {
    const node = topologyWith({ TRANSPORTER: "nats://order:secret@one:4222,nats://two:4222", SERVICES: "order" });
    expect(node).toMatchObject({ sender: "order", isGuarded: true, makesStreams: false });
    expect(node.nodeId).toMatch(/^order\./);
  });

  it.each(["order", "order,payment", ""])("is any service, for the user of nodes with several: %p", (services) => {
    const node = topologyWith({ TRANSPORTER: "nats://node:secret@one:4222", SERVICES: services, NODE_ID: "node.a" });
    expect(node).toMatchObject({ sender: "node", isGuarded: true, makesStreams: false });
  });

  it.each(["", "madang:secret@", "payment:secret@"])("is nothing to go by with another user or none: %p", (user) => {
    const node = topologyWith({ TRANSPORTER: `nats://${user}one:4222`, SERVICES: "order", NODE_ID: "any" });
    expect(node).toMatchObject({ isGuarded: false, makesStreams: true, nodeId: "any" });
  });

  it("may be another than the bus knows it as", () => {
    const buses = { TRANSPORTER: "redis://one", BUS: "nats", SERVICES: "order" };
    expect(topologyWith({ ...buses, BUS_URL: "nats://order:secret@one" }).makesStreams).toBe(false);
    expect(topologyWith({ ...buses, BUS_URL: "nats://one" })).toMatchObject({ makesStreams: true, isGuarded: false });
  });
});

describe("the bus", () => {
  it.each([
    [{}, "local", null],
    [{ TRANSPORTER: "tcp://" }, "local", null],
    [{ TRANSPORTER: NATS }, "nats", NATS],
    [{ TRANSPORTER: NATS, BUS: "local" }, "local", NATS],
    [{ BUS_URL: "nats://one,nats://two" }, "nats", "nats://one,nats://two"],
    [{ TRANSPORTER: NATS, BUS_URL: "redis://one" }, "redis", "redis://one"],
    [{ BUS_URL: "amqp://guest:guest@one" }, "rabbitmq", "amqp://guest:guest@one"],
    [{ BUS_URL: "kafka://one,kafka://two" }, "kafka", "kafka://one,kafka://two"],
    [{ BUS_URL: "kafkas://ann:secret@one" }, "kafka", "kafkas://ann:secret@one"],
    [{ BUS_URL: "rediss://:secret@one:6380" }, "redis", "rediss://:secret@one:6380"],
  ])("of %j is %s at %p", (environment: Environment, bus, busUrl) => {
    expect(topologyWith(environment)).toMatchObject({ bus, busUrl });
  });
});
