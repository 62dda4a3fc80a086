/** The servers that can carry events in place of NATS. Each has a profile, since a deployment needs one of them at most. */
import type { Container } from "./container.ts";

/** A folder that has a format keeps it. */
const formatting = ["kafka.tools.StorageTool format --ignore-formatted --cluster-id bWFkYW5nIGNvbXBvc2UuLg --config"];
/** Kafka's programs by the image's own Java: its scripts would write into the image. */
const kafka = (...words: readonly string[]): string =>
  `java -Xmx512m -cp '/opt/kafka/libs/*' ${words.join(" ")} /etc/madang/server.properties`;

export const otherBuses = {
  rabbitmq: {
    about: "Only when asked for, with BUS_SECRET=rabbitmq_url in .env: docker compose --profile rabbitmq up --detach",
    profiles: ["rabbitmq"],
    image: "rabbitmq:4-alpine",
    port: 5672,
    user: "rabbitmq",
    // The name belongs to the data: a container's own would be another one after each change.
    environment: { RABBITMQ_NODENAME: "rabbit@localhost", RABBITMQ_DEFAULT_USER: "madang", RABBITMQ_LOGS: "-" },
    entrypoint: [
      "sh",
      "-c",
      'export RABBITMQ_DEFAULT_PASS="$$(cat /run/secrets/rabbitmq_password)" && exec rabbitmq-server',
    ],
    volumes: ["rabbitmq:/var/lib/rabbitmq"],
    tmpfs: ["/tmp:size=16m"],
    files: ["rabbitmq_password"],
    networks: ["backend"],
    stop_grace_period: "60s",
    health: ["CMD", "rabbitmq-diagnostics", "--quiet", "check_port_listener", "5672"],
    limits: { cpus: "1.0", memory: "512m", pids: 256 },
  },
  kafka: {
    about: "Only when asked for, with BUS_SECRET=kafka_url in .env: docker compose --profile kafka up --detach",
    profiles: ["kafka"],
    image: "apache/kafka:4.4.0",
    port: 9092,
    user: "appuser",
    // Past the image's own scripts, which would write their settings into the image.
    entrypoint: ["sh", "-c", `${kafka(...formatting)} && exec ${kafka("kafka.Kafka")}`],
    volumes: ["kafka:/var/lib/kafka/data", "./deploy/kafka/server.properties:/etc/madang/server.properties:ro"],
    tmpfs: ["/tmp:size=64m"],
    files: ["kafka_password"],
    networks: ["backend"],
    stop_grace_period: "60s",
    health: ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9092"],
    limits: { cpus: "1.0", memory: "1g", pids: 512 },
  },
} satisfies Record<string, Container>;
