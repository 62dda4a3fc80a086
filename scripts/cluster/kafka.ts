/** A Kafka broker on 127.0.0.1 that is its own controller, with a password of its own and the settings of the deployment. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConfigError } from "#core/config.ts";
import { kafkaHome } from "./kafka.jars.ts";
import { freePort } from "./ports.ts";
import { answers, type Server, type ServerOptions, startServer } from "./server.ts";

interface Options extends ServerOptions {
  /**
   * A port of 127.0.0.1 at which something stands before the broker. A broker tells its clients where to come, so those who come
   * by `behind` are told this one.
   */
  readonly front?: number;
}

export interface Kafka extends Server {
  /** Where what stands before the broker reaches it. */
  readonly behind: number;
  /** Stops it, removes everything that it stored, and starts it again. */
  wipe(): Promise<void>;
}

/** Small and quickly started. */
const jvm = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
const deployed = readFileSync(join(import.meta.dirname, "../../deploy/kafka/server.properties"), "utf8");
const PASSWORD = "password";
const CLUSTER = Buffer.from("a local cluster.").toString("base64url");

/** Kafka's ApiVersions, which anybody may ask before signing in. The answer repeats the number of the question. */
const NUMBER = "once";
const QUESTION = Buffer.from(`\0\0\0\x0a\0\x12\0\0${NUMBER}\xff\xff`, "latin1");

interface Ports {
  readonly clients: number;
  readonly behind: number;
  readonly front: number;
  readonly controller: number;
}

/** What differs from the deployment. Of a property that is named twice, the last counts. */
function ownProperties({ clients, behind, front, controller }: Ports, folder: string): readonly string[] {
  const at = (listener: string, port: number) => `${listener}://127.0.0.1:${port}`;
  const password = `"\${secrets:${folder}:${PASSWORD}}"`;
  const login =
    "plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required " +
    `username="madang" password=${password} user_madang=${password};`;
  return [
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=${at("CLIENTS", clients)},${at("FRONT", behind)},${at("CONTROLLER", controller)}`,
    `advertised.listeners=${at("CLIENTS", clients)},${at("FRONT", front)}`,
    "listener.security.protocol.map=CLIENTS:SASL_PLAINTEXT,FRONT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
    `listener.name.clients.${login}`,
    `listener.name.front.${login}`,
    `log.dirs=${join(folder, "data")}`,
    "group.initial.rebalance.delay.ms=0",
    "offsets.topic.num.partitions=1",
  ];
}

/** Starts a broker; `url` has its password. @throws ConfigError that says what is missing on this machine */
export async function startKafka({ front, ...options }: Options): Promise<Kafka> {
  const java = ["java", ...jvm, "-cp", join(kafkaHome(), "libs/*")];
  const folder = resolve(options.folder);
  const [data, empty, file] = [join(folder, "data"), join(folder, "empty"), join(folder, "server.properties")];
  const password = randomBytes(18).toString("base64url");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, PASSWORD), password, { mode: 0o600 });
  const [behind, controller] = [await freePort(), await freePort()];

  const configure = (clients: number): void => {
    const own = ownProperties({ clients, behind, front: front ?? behind, controller }, folder);
    writeFileSync(file, [deployed, ...own, ""].join("\n"));
  };
  const format = (): void => {
    if (existsSync(empty)) return cpSync(empty, data, { recursive: true });
    configure(1);
    const tool = [...java, "kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER, "--config", file];
    const { status, stderr } = spawnSync(tool[0]!, tool.slice(1), { encoding: "utf8" });
    if (status !== 0) throw new ConfigError(`Kafka could not make its folder:\n${stderr}`);
    cpSync(data, empty, { recursive: true });
  };

  if (!existsSync(data)) format();
  const server = await startServer({
    name: "kafka",
    options,
    command(port) {
      configure(port);
      return { command: [...java, "kafka.Kafka", file] };
    },
    isReady: (port) => answers(port, QUESTION, NUMBER),
  });
  const wipe = async () => {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
    format();
    await server.restart();
  };
  return Object.assign(server, { url: `kafka://madang:${password}@127.0.0.1:${server.port}`, behind, wipe });
}
