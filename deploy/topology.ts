/**
 * The deployment, said once: each service and server with its image, networks, limits, ports, secrets and health. From it follow
 * docker-compose.yml and deploy/.env.example (`npm run generate`), the secrets that deploy/secrets.mjs makes, and what
 * `npm run cluster` starts. What each service has for itself is in placements.ts, what containers have alike in container.ts.
 */
import { knownServices, withDatabase } from "#mixins/node/services.ts";
import { type Container, logged, node, type Secret, variable } from "./container.ts";
import { otherBuses } from "./other-buses.ts";
import { type Placement, placements } from "./placements.ts";

/** What lets any process take part. */
const memberSecrets = {
  NATS_SYSTEM_URL: "nats_system_url",
  REDIS_URL: "redis_url",
  SERVICE_KEY: "service_key",
  TOKEN_PUBLIC_KEY: "token_public_key",
} as const;

const edgePort = 8080;
const edgeHealth = "127.0.0.1:8405";
const providerPort = 4010;
/** Docker's own, in every container. */
const dns = "127.0.0.11";

/** Madang's processes that are no services. */
export const programs = {
  provider: {
    ...node,
    about: "Stands for a payment provider: a process and books of its own.",
    port: providerPort,
    command: ["services/payment/sandbox/sandbox.process.ts"],
    environment: {
      ...logged,
      PAYMENT_SANDBOX_WEBHOOK_URL: `http://haproxy:${edgePort}/api/v1/payments/webhooks/sandbox`,
    },
    secrets: { PAYMENT_SANDBOX_KEY: "sandbox_key", PAYMENT_SANDBOX_SECRET: "sandbox_secret" },
    volumes: ["provider:/data"],
    depends_on: {},
    health: ["CMD", "bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/${providerPort}`],
  },
  seed: {
    ...node,
    about: "Only when asked for: docker compose run --rm seed",
    profiles: ["seed"],
    restart: "no",
    // The sign-ins are shown also where there is no terminal, and are the same the next time.
    command: ["mixins/node/seed.ts", "--show"],
    environment: { ...logged, NODE_PORT: "0" },
    secrets: { TRANSPORTER: "node_transporter", ...memberSecrets },
    volumes: ["sign-ins:/data"],
    health: null,
  },
  streams: {
    ...node,
    about: "Makes the streams of all services, and makes them again when they are gone: no service may.",
    command: ["mixins/bus/nats/streams.process.ts"],
    environment: { ...logged, DATA_DIR: "/tmp" },
    secrets: { TRANSPORTER: "streams_transporter" },
    depends_on: { nats: { condition: "service_healthy" } },
    // `up --wait` fails for what has none.
    health: ["CMD", "bash", "-c", "exec 3<>/dev/tcp/nats/4222"],
    limits: { cpus: "0.25", memory: "192m", pids: 64 },
  },
} satisfies Record<string, Container>;

const admin: Container = {
  ...programs.seed,
  about: "Makes somebody an administrator: docker compose run --rm admin you@example.com",
  entrypoint: ["node", "--disable-warning=ExperimentalWarning", "services/user/admin.process.ts"],
  command: [],
};

const snake = (service: string): string => service.replaceAll("-", "_");

const databaseOf = (service: string): Readonly<Record<string, Secret>> =>
  withDatabase([service]).length > 0 ? { DATABASE_URL: `${snake(service)}_database_url` } : {};

/** A service as every other, with what its placement says. */
function service(name: string): Container & Placement {
  const placement: Placement = (placements as Readonly<Record<string, Placement>>)[name] ?? {};
  const { nodes = 1, port, listens = "PORT", asks = {}, environment, secrets } = placement;
  const addresses = Object.entries(asks).map(([setting, program]) => [
    setting,
    `http://${program}:${programs[program].port}`,
  ]);
  return {
    ...node,
    ...placement,
    replicas: [`${snake(name).toUpperCase()}_REPLICAS`, nodes],
    environment: {
      ...logged,
      SERVICES: name,
      ...(port && { [listens]: `${port}` }),
      ...environment,
      ...Object.fromEntries(addresses),
      // The durable events: over NATS as everything else, unless .env names the address of another bus.
      BUS_URL_FILE: `/run/secrets/\${BUS_SECRET:-${name}_transporter}`,
    },
    files: ["kafka_url", "rabbitmq_url"],
    secrets: { TRANSPORTER: `${name}_transporter`, ...databaseOf(name), ...secrets, ...memberSecrets },
  };
}

/** All that there are, those that are placed first. */
const names = [...new Set([...Object.keys(placements), ...knownServices()])];
export const services = Object.fromEntries(names.map((name) => [name, service(name)]));

/** Of PostgreSQL, also in a local cluster. */
export const postgresSettings = {
  max_connections: 300,
  shared_buffers: "256MB",
  jit: "off",
  password_encryption: "scram-sha-256",
  // What a service refuses in the course of business is no news of the server.
  log_min_messages: "log",
};
/** C sorts alike on every system; UTF-8 for what people write. */
export const initdb = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums"];

export const servers = {
  haproxy: {
    image: "haproxy:3.2-alpine",
    port: edgePort,
    command: ["haproxy", "-f", "/usr/local/etc/haproxy"],
    environment: {
      HAPROXY_BIND: `:${edgePort}`,
      HAPROXY_DNS: `${dns}:53`,
      HAPROXY_GATEWAYS: `api:${placements.api.port}`,
      HAPROXY_MCP: `mcp:${placements.mcp.port}`,
      HAPROXY_UPLOADS: `content:${placements.content.port}`,
      HAPROXY_FILMS: `edge:${placements.edge.port}`,
      HAPROXY_HEALTH_BIND: edgeHealth,
    },
    volumes: ["./deploy/haproxy:/usr/local/etc/haproxy:ro"],
    ports: [{ host_ip: variable("ADDRESS"), published: variable("PORT"), target: edgePort }],
    networks: ["edge", "backend"],
    stop_grace_period: "20s",
    health: ["CMD", "wget", "-q", "-O", "/dev/null", `http://${edgeHealth}/livez`],
    limits: { cpus: "1.0", memory: "128m", pids: 64 },
  },
  "streams-owner": {
    about: "A new volume belongs to root, and NATS does not run as root.",
    image: "nats:2.12-alpine",
    restart: "no",
    user: "0:0",
    entrypoint: ["chown", "-R", "1000:1000", "/data"],
    command: [],
    cap_add: ["CHOWN", "DAC_READ_SEARCH"],
    network_mode: "none",
    volumes: ["streams:/data"],
    health: null,
    limits: { cpus: "0.5", memory: "32m", pids: 8 },
  },
  nats: {
    image: "nats:2.12-alpine",
    port: 4222,
    user: "1000:1000",
    depends_on: { "streams-owner": { condition: "service_completed_successfully" } },
    // NATS reads passwords from the environment alone.
    entrypoint: [
      "sh",
      "-c",
      "set -a && . /run/secrets/nats_passwords && exec nats-server -c /etc/nats/nats.server.conf -sd /data",
    ],
    volumes: [
      "streams:/data",
      ...["nats", "nats.users", "nats.guests", "nats.server"].map(
        (file) => `./deploy/${file}.conf:/etc/nats/${file}.conf:ro`,
      ),
    ],
    // As many threads as it has processors: more would only wake each other.
    environment: { GOMAXPROCS: "1" },
    files: ["nats_passwords"],
    networks: ["backend"],
    stop_grace_period: "30s",
    health: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8222/healthz"],
    limits: { cpus: "1.0", memory: "512m", pids: 64 },
  },
  postgres: {
    image: "postgres:18",
    port: 5432,
    user: "postgres",
    command: [
      "postgres",
      ...Object.entries(postgresSettings).map(([name, value]) => `--${name.replaceAll("_", "-")}=${value}`),
    ],
    environment: { POSTGRES_INITDB_ARGS: initdb.join(" ") },
    tmpfs: ["/tmp:size=64m", "/var/run/postgresql:uid=999,gid=999,mode=0775"],
    shm_size: "128m",
    volumes: [
      "databases:/var/lib/postgresql",
      "./deploy/postgres/databases.sh:/docker-entrypoint-initdb.d/databases.sh:ro",
      "./deploy/postgres/database.sql:/etc/madang/database.sql:ro",
    ],
    secrets: { POSTGRES_PASSWORD: "postgres_password" },
    files: names.flatMap((name) => Object.values(databaseOf(name))),
    networks: ["backend"],
    // A smart shutdown would wait for the services' connections.
    stop_signal: "SIGINT",
    stop_grace_period: "60s",
    health: ["CMD", "pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres"],
    limits: { cpus: "2.0", memory: "1g", pids: 512 },
  },
  redis: {
    image: "redis:8-alpine",
    port: 6379,
    user: "redis",
    command: ["redis-server", "/etc/redis/redis.conf"],
    volumes: ["./deploy/redis/redis.conf:/etc/redis/redis.conf:ro"],
    tmpfs: ["/data:size=1m,mode=1777"],
    files: ["redis_password"],
    networks: ["backend"],
    // Without the password it answers NOAUTH, which shows that it answers.
    health: ["CMD-SHELL", "redis-cli ping 2>&1 | grep -q -e PONG -e NOAUTH"],
    limits: { cpus: "0.5", memory: "192m", pids: 64 },
  },
  ...otherBuses,
} satisfies Record<string, Container>;

/** The settings of NGINX, which may stand in HAProxy's place. */
export const nginx = {
  resolver: dns,
  http: { address: `api:${placements.api.port}`, listen: `${edgePort}` },
  grpc: { address: `grpc:${placements.grpc.port}`, listen: `${placements.grpc.port}` },
  agents: `mcp:${placements.mcp.port}`,
  uploads: `content:${placements.content.port}`,
  films: `edge:${placements.edge.port}`,
  folder: "/tmp",
};

/** In the order of docker-compose.yml. */
export const containers: Readonly<Record<string, Container>> = { ...services, ...programs, admin, ...servers };
