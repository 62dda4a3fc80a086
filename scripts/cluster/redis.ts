/** A Redis server for a local cluster: shared cache and limits, nothing that must survive; or durable events, which must. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { findBinary } from "./binaries.ts";
import { answers, type Server, type ServerOptions, startServer } from "./server.ts";

interface Options extends ServerOptions {
  /** Where there are several. */
  readonly name?: string;
  /** It keeps everything on the disk, and refuses what it has no room for. */
  readonly isDurable?: boolean;
}

const durable = ["appendonly yes", "appendfsync always", "maxmemory-policy noeviction"];

/** Starts Redis on 127.0.0.1 with a password of its own, and without persistence unless it is durable. */
export async function startRedis(options: Options): Promise<Server> {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const password = randomBytes(18).toString("base64url");
  const server = await startServer({
    name: options.name ?? "redis",
    options,
    command(port) {
      const file = join(folder, "redis.conf");
      const lines = [`port ${port}`, "bind 127.0.0.1", `dir "${folder}"`, 'save ""', "loglevel warning"];
      if (options.isDurable) lines.push(...durable);
      // In a file, since everybody may read the arguments of a process.
      writeFileSync(file, [...lines, `requirepass ${password}`, ""].join("\n"), { mode: 0o600 });
      return { command: [findBinary("redis-server"), file] };
    },
    isReady: (port) => answers(port, "PING\r\n", "NOAUTH"),
  });
  return Object.assign(server, { url: `redis://:${password}@127.0.0.1:${server.port}` });
}
