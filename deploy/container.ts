/** What a container of the deployment is, and what those of one kind have alike. Words that no comment explains are those of Compose. */

/** What a file .env beside docker-compose.yml may set: the default, and what it means. */
export const variables = {
  PORT: ["3000", "Port of this machine that the shop is open on."],
  ADDRESS: [
    "127.0.0.1",
    "Address of this machine that it is open on, by plain HTTP; deploy/tls.yml opens HTTPS to others.",
  ],
  GRPC_PORT: ["50051", "Port of this machine that gRPC is open on, with the profile grpc."],
  EDGE_PORT: ["4000", "Port of this machine that films are served on."],
  BUS_SECRET: [
    "",
    "Another bus for durable events than NATS: kafka_url with COMPOSE_PROFILES=kafka, or rabbitmq_url with COMPOSE_PROFILES=rabbitmq.",
  ],
  TLS_PORT: ["443", "Port of this machine that deploy/tls.yml opens."],
  MADANG_VERSION: ["latest", "Tag of the image."],
  LOG_LEVEL: ["info", "Least severe log line written."],
} as const;

/** The setting as Compose reads it. */
export const variable = (name: keyof typeof variables): string => `\${${name}:-${variables[name][0]}}`;

/** Secrets beside those by which each service signs in to NATS and to its database. */
export const sharedSecrets = [
  "guest_transporter",
  "kafka_password",
  "kafka_url",
  "nats_passwords",
  "nats_system_url",
  "node_transporter",
  "postgres_password",
  "rabbitmq_password",
  "rabbitmq_url",
  "redis_password",
  "redis_url",
  "sandbox_key",
  "sandbox_secret",
  "service_key",
  "streams_transporter",
  "token_private_key",
  "user_secrets_key",
  "notification_key",
  "token_public_key",
] as const;

export type Secret = (typeof sharedSecrets)[number] | `${string}_transporter` | `${string}_database_url`;

type Texts = "network_mode" | "pull_policy" | "restart" | "shm_size" | "stop_grace_period" | "stop_signal" | "user";
type Lists = "cap_add" | "command" | "entrypoint" | "profiles" | "tmpfs" | "volumes";

export interface Container
  extends
    Partial<Readonly<Record<Texts, string>>>,
    Partial<Readonly<Record<Lists, readonly string[]>>>,
    Partial<Readonly<Record<"build" | "depends_on", object>>> {
  /** What an operator should know of it. */
  readonly about?: string;
  readonly image: string;
  /** On which it is reached. */
  readonly port?: number;
  readonly limits: { readonly cpus: string; readonly memory: string; readonly pids: number };
  /** The variable of .env that holds how many of it run, and its default; one container unless given. */
  readonly replicas?: readonly [variable: string, count: number];
  readonly networks?: readonly ("backend" | "edge")[];
  /** Fails unless it is well; null where nothing waits for it. Madang's image has one of its own. */
  readonly health?: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string>>;
  /** By setting the secret whose file holds its value. */
  readonly secrets?: Readonly<Record<string, Secret>>;
  /** Secrets that it reads without a setting. */
  readonly files?: readonly Secret[];
  readonly init?: boolean;
  readonly ports?: readonly object[];
}

/** What every container is held to. */
export const confined = {
  restart: "unless-stopped",
  read_only: true,
  cap_drop: ["ALL"],
  security_opt: ["no-new-privileges:true"],
  logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
};

/**
 * Containers are looked at often while they start, since others wait for them, and seldom later: each look starts a process. On a
 * busy machine the first start of PostgreSQL takes minutes, and a look some seconds.
 */
export const patience = { interval: "90s", timeout: "10s", retries: 2, start_period: "300s", start_interval: "1s" };

/** What Madang's own processes have alike. */
export const node = {
  image: `madang:${variable("MADANG_VERSION")}`,
  // No registry has it: one service brings its `build`.
  pull_policy: "never",
  init: true,
  tmpfs: ["/tmp:size=16m"],
  // Longer than a node takes to finish what it has (20 s).
  stop_grace_period: "25s",
  networks: ["backend"],
  // Only what is not Madang: the services start in any order and wait for each other.
  depends_on: {
    nats: { condition: "service_healthy" },
    postgres: { condition: "service_healthy" },
    redis: { condition: "service_healthy" },
  },
  limits: { cpus: "1.0", memory: "384m", pids: 128 },
} satisfies Container;

export const logged = { LOG_LEVEL: variable("LOG_LEVEL") };
