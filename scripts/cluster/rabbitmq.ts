/** A RabbitMQ server on 127.0.0.1 for tests, with a name, a port mapper and a folder of its own. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { ConfigError } from "#core/config.ts";
import { config } from "./binaries.ts";
import { descendantsOf } from "./descendants.ts";
import { freePort } from "./ports.ts";
import { answers, type Server, type ServerOptions, startServer } from "./server.ts";

/** The protocol's header: whoever gets an answer to it has reached RabbitMQ. */
const HEADER = Buffer.from("AMQP\0\0\x09\x01");

/** Debian keeps it out of the PATH, and what it has there insists on a user of its own. */
const DEBIAN = "/usr/lib/rabbitmq/bin/rabbitmq-server";

function findRabbitMq(): string {
  const chosen = config.RABBITMQ_BIN;
  const inPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "rabbitmq-server"));
  const found = (chosen === null ? [DEBIAN, ...inPath] : [chosen]).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new ConfigError(
    chosen === null
      ? "rabbitmq-server was not found: install it (on Debian: apt-get install rabbitmq-server; else https://www.rabbitmq.com) " +
          "or set RABBITMQ_BIN to its program."
      : `RABBITMQ_BIN names ${chosen}, which does not exist.`,
  );
}

export interface RabbitMq extends Server {
  /** Stops it, removes everything that it stored, and starts it again. */
  wipe(): Promise<void>;
  /** Stops it for good, with its port mapper. */
  stopAll(): Promise<void>;
}

/** Starts its port mapper first: by itself it would leave one behind, which listens on all addresses. */
export async function startRabbitMq(options: ServerOptions): Promise<RabbitMq> {
  const program = findRabbitMq();
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "plugins"), "[].\n");
  writeFileSync(join(folder, "rabbitmq.conf"), "disk_free_limit.absolute = 50MB\nloopback_users = none\n");
  const epmd = await startServer({
    name: "epmd",
    options: { folder },
    command: (port) => ({ command: ["epmd", "-port", `${port}`, "-address", "127.0.0.1"] }),
    isReady: (_, child) => child.isRunning,
  });
  const distribution = await freePort();
  const server = await startServer({
    name: "rabbitmq",
    options,
    command: (port) => ({
      command: [program],
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        ERL_EPMD_PORT: `${epmd.port}`,
        ERL_EPMD_ADDRESS: "127.0.0.1",
        RABBITMQ_NODENAME: `madang${port}@localhost`,
        RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
        RABBITMQ_NODE_PORT: `${port}`,
        RABBITMQ_DIST_PORT: `${distribution}`,
        RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
        RABBITMQ_LOGS: "-",
        RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "plugins"),
        RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq"),
        RABBITMQ_CONF_ENV_FILE: "/dev/null",
      },
    }),
    isReady: (port) => answers(port, HEADER, "RabbitMQ"),
    family: descendantsOf,
    stopLimit: 20_000,
  });
  const stop = server.stop.bind(server);
  const wipe = async () => {
    await stop();
    rmSync(join(folder, "mnesia"), { recursive: true, force: true });
    await server.restart();
  };
  const stopAll = async () => {
    await stop();
    await epmd.stop();
  };
  return Object.assign(server, { url: `amqp://guest:guest@127.0.0.1:${server.port}`, wipe, stopAll });
}
