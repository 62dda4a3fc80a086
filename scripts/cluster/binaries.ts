/** Finds the servers' programs: named by a variable, on the PATH, or installed by Debian's apt where that is possible. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ConfigError, defineConfig, optional, text } from "#core/config.ts";
import { aptInstall } from "#mixins/node/apt.ts";

const own = defineConfig("cluster", {
  NATS_SERVER_BIN: optional(text("Program of the NATS server that `npm run cluster` and the tests start.")),
  REDIS_SERVER_BIN: optional(text("Program of the Redis server that `npm run cluster` and the tests start.")),
  RABBITMQ_BIN: optional(text("Program of RabbitMQ that `npm run cluster` and `npm run test:buses` start.")),
  MOSQUITTO_BIN: optional(text("Program of Mosquitto that `npm run cluster` and `npm run test:buses` start.")),
  KAFKA_HOME: optional(text("Folder of Kafka with its libs/, which `npm run cluster` and `npm run test:buses` start.")),
  VERSITYGW_BIN: optional(text("Program of the S3 gateway Versity that `npm run test:buses` starts.")),
  ETCD_BIN: optional(text("Program of etcd that `npm run test:buses` starts.")),
  HAPROXY_BIN: optional(text("Program of HAProxy that the tests start.")),
  NGINX_BIN: optional(text("Program of NGINX that the tests start.")),
  CHROMIUM_BIN: optional(text("Program of Chromium in which the tests watch films.")),
});

/** FFMPEG_BIN is a setting of the content service. Specs set others of its settings before they load them, so they are not loaded here. */
export const config = { ...own, FFMPEG_BIN: process.env.FFMPEG_BIN ?? null };

type Name = "nats-server" | "redis-server" | "haproxy" | "nginx" | "chromium" | "ffmpeg";

const programs = {
  "nats-server": { variable: "NATS_SERVER_BIN", version: "--version", site: "https://nats.io/download" },
  "redis-server": { variable: "REDIS_SERVER_BIN", version: "--version", site: "https://redis.io/downloads" },
  haproxy: { variable: "HAPROXY_BIN", version: "-v", site: "https://www.haproxy.org" },
  nginx: { variable: "NGINX_BIN", version: "-v", site: "https://nginx.org" },
  chromium: { variable: "CHROMIUM_BIN", version: "--version", site: "https://www.chromium.org" },
  ffmpeg: { variable: "FFMPEG_BIN", version: "-version", site: "https://ffmpeg.org" },
} as const satisfies Record<Name, { variable: keyof typeof config; version: string; site: string }>;

export const runs = (file: string, version: string): boolean =>
  spawnSync(file, [version], { stdio: "ignore" }).status === 0;

/** Debian keeps daemons out of the PATH of ordinary users. */
const installed = (name: Name): string | undefined =>
  [name, `/usr/sbin/${name}`, `/usr/local/bin/${name}`].find((file) => runs(file, programs[name].version));

interface Origin {
  readonly variable: keyof typeof config;
  /** The package of Debian that has it, when that is called otherwise. */
  readonly apt?: string;
  readonly site: string;
}

const missing = (name: string, { variable, site, apt = name }: Origin): ConfigError =>
  new ConfigError(
    `${name} was not found: install it (on Debian: apt-get install ${apt}; else ${site}) or set ${variable} to its program.`,
  );

/** Installs those that are missing, all at once, where that is possible: on Debian, as root. */
export function provide(names: readonly Name[]): void {
  const lacking = names.filter((name) => config[programs[name].variable] === null && installed(name) === undefined);
  if (lacking.length === 0 || process.getuid?.() !== 0 || !runs("apt-get", "--version")) return;
  process.stderr.write(`Installing ${lacking.join(", ")} with apt-get …\n`);
  spawnSync(...aptInstall(lacking), { stdio: "ignore" });
}

/**
 * The path of a server's program.
 * @throws ConfigError that says how to get it
 */
export function findBinary(name: Name): string {
  const { variable, version } = programs[name];
  const chosen = config[variable];
  if (chosen !== null) {
    if (runs(chosen, version)) return chosen;
    throw new ConfigError(`${variable} names ${chosen}, which is not a program that runs.`);
  }
  provide([name]);
  const found = installed(name);
  if (found === undefined) throw missing(name, programs[name]);
  return found;
}

/** Debian starts what it installs of these, so nobody else installs them; and the folder where it keeps them is not in the PATH. */
const daemons = {
  "rabbitmq-server": { variable: "RABBITMQ_BIN", folder: "/usr/lib/rabbitmq/bin", site: "https://www.rabbitmq.com" },
  mosquitto: { variable: "MOSQUITTO_BIN", folder: "/usr/sbin", site: "https://mosquitto.org" },
  versitygw: { variable: "VERSITYGW_BIN", folder: "/usr/local/bin", site: "https://github.com/versity/versitygw" },
  etcd: { variable: "ETCD_BIN", folder: "/usr/bin", apt: "etcd-server", site: "https://etcd.io" },
} as const satisfies Record<string, Origin & { folder: string }>;

/**
 * The path of a program that is here or is not; it is not run, since some of them only know how to start.
 * @throws ConfigError that says how to get it
 */
export function findDaemon(name: keyof typeof daemons): string {
  const { variable, folder } = daemons[name];
  const chosen = config[variable];
  if (chosen !== null) {
    if (existsSync(chosen)) return chosen;
    throw new ConfigError(`${variable} names ${chosen}, which does not exist.`);
  }
  const folders = [folder, ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.map((one) => join(one, name)).find((file) => existsSync(file));
  if (found === undefined) throw missing(name, daemons[name]);
  return found;
}
