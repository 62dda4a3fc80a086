/** A RabbitMQ server on 127.0.0.1 for tests, with a name, a port mapper and a folder of its own. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { findDaemon } from "./binaries.ts";
import { Child } from "./child.ts";
import { descendantsOf } from "./descendants.ts";
import { freePort } from "./ports.ts";
import { answers, type Server, type ServerOptions, startServer } from "./server.ts";

/** The protocol's header: whoever gets an answer to it has reached RabbitMQ. */
const HEADER = Buffer.from("AMQP\0\0\x09\x01");

/** Which nodes there are: whoever answers is a port mapper (Erlang's distribution protocol, NAMES_REQ). */
const NAMES = Buffer.from("\0\x01n");

/** Its warnings are about itself, and the numbers in them can look like those of cards, which nobody may write down. */
const settings = ["disk_free_limit.absolute = 50MB", "loopback_users = none", "log.console.level = error"];

export interface RabbitMq extends Server {
  /** What an operator tells it: the words of `rabbitmqctl`. */
  control(...words: readonly string[]): Promise<void>;
  /** Stops it, removes everything that it stored, and starts it again. */
  wipe(): Promise<void>;
}

/** Its port mapper starts and ends with it: by itself it would leave one behind, which listens on all addresses. */
export async function startRabbitMq(options: ServerOptions): Promise<RabbitMq> {
  const program = findDaemon("rabbitmq-server");
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "plugins"), "[].\n");
  writeFileSync(join(folder, "rabbitmq.conf"), `${settings.join("\n")}\n`);
  const epmd = await startServer({
    name: "epmd",
    options: { folder },
    command: (port) => ({ command: ["epmd", "-port", `${port}`, "-address", "127.0.0.1"] }),
    isReady: (port) => answers(port, NAMES, ""),
  });
  const distribution = await freePort();
  const environment = (port: number) => ({
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
    // Then its script becomes Erlang instead of waiting for it, and what ends the script with us (child.ts) ends Erlang.
    RUNNING_UNDER_SYSTEMD: "true",
  });
  const server = await startServer({
    name: "rabbitmq",
    options,
    command: (port) => ({ command: [program], env: environment(port) }),
    isReady: (port) => answers(port, HEADER, "RabbitMQ"),
    family: descendantsOf,
    stopLimit: 20_000,
  });
  const [begin, stop] = [server.begin.bind(server), server.stop.bind(server)];
  return Object.assign(server, {
    url: `amqp://guest:guest@127.0.0.1:${server.port}`,
    async begin() {
      if (!epmd.isRunning) await epmd.restart();
      await begin();
    },
    async stop() {
      await stop();
      await epmd.stop();
    },
    async wipe() {
      await server.stop();
      rmSync(join(folder, "mnesia"), { recursive: true, force: true });
      await server.restart();
    },
    async control(...words: readonly string[]) {
      const command = [join(dirname(program), "rabbitmqctl"), ...words];
      const child = new Child({ command, env: environment(server.port) });
      await child.ended;
      if (child.exitCode !== 0) throw new Error(`${command.join(" ")} failed:\n${child.output}`);
    },
  });
}
