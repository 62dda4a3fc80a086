/** A NATS server with JetStream for a local cluster, with generated passwords. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { servers } from "../../deploy/topology.ts";
import { passwordVariable } from "../nats-users.ts";
import { findBinary } from "./binaries.ts";
import { answers, type Server, type ServerOptions, startServer } from "./server.ts";

interface Options extends ServerOptions {
  /** Configuration with users per service, whose passwords are variables such as $NATS_ORDER_PASSWORD. Without it, every client may do everything. */
  readonly file?: string;
}

export interface Nats extends Server {
  /** Sign-in of the system account, which hears of clients that go. */
  readonly systemUrl: string;
  /** Sign-in of the user of this name, such as a service; that of `node` when there is none. */
  urlFor(user: string): string;
  /** Stops it, removes everything that JetStream stored, and starts it again. */
  wipe(): Promise<void>;
}

/** NATS reads variables as values of its language: digits first would be a number. */
const password = (): string => `p${randomBytes(18).toString("base64url")}`;

const everybody = `
accounts {
  APP { jetstream: enabled, users: [{ user: node, password: $NATS_NODE_PASSWORD }] }
  SYS { users: [{ user: detection, password: $NATS_DETECTION_PASSWORD }] }
}
system_account: SYS
no_auth_user: node
jetstream {}
`;

/** The text of a configuration file with what it includes. */
function textOf(file: string): string {
  const text = readFileSync(file, "utf8");
  const included = text.matchAll(/^\s*include\s+["']?([^"'\s]+)/gm);
  return [text, ...[...included].map(([, path]) => textOf(join(dirname(file), path!)))].join("\n");
}

/** A password for each variable that the configuration wants. */
const passwordsFor = (file: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...textOf(file).matchAll(/\$(NATS_\w+_PASSWORD)/g)].map(([, name]) => [name!, password()]));

/** Starts a NATS server on 127.0.0.1; `url` is that of a user who may act as any service. */
export async function startNats(options: Options): Promise<Nats> {
  const folder = resolve(options.folder);
  const store = join(folder, "jetstream");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = options.file ?? join(folder, "nats.conf");
  if (options.file === undefined) writeFileSync(file, everybody);
  const passwords = passwordsFor(file);
  const server = await startServer({
    name: "nats",
    options,
    command: (port) => ({
      command: [findBinary("nats-server"), "-c", file, "-a", "127.0.0.1", "-p", `${port}`, "-sd", store],
      env: { ...process.env, ...servers.nats.environment, ...passwords },
    }),
    isReady: (port) => answers(port, "PING\r\n", "INFO"),
  });
  const url = (user: string) => `nats://${user}:${passwords[passwordVariable(user)]}@127.0.0.1:${server.port}`;
  return Object.assign(server, {
    url: options.file ? url("node") : `nats://127.0.0.1:${server.port}`,
    systemUrl: url("detection"),
    urlFor: (user: string) => url(passwordVariable(user) in passwords ? user : "node"),
    async wipe() {
      await server.stop();
      rmSync(store, { recursive: true, force: true });
      await server.restart();
    },
  });
}
