/** An etcd server, in which tests let nodes find each other. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { findDaemon } from "./binaries.ts";
import { freePort } from "./ports.ts";
import { answers, type Server, type ServerOptions, startServer } from "./server.ts";

/** Starts one member on 127.0.0.1. */
export async function startEtcd(options: ServerOptions): Promise<Server> {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const peer = `http://127.0.0.1:${await freePort()}`;
  const server = await startServer({
    name: "etcd",
    options,
    command(port) {
      const client = `http://127.0.0.1:${port}`;
      const flags = {
        "data-dir": join(folder, "member"),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": `default=${peer}`,
        "log-level": "error",
      };
      const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
      return { command: [findDaemon("etcd"), ...args] };
    },
    isReady: (port) => answers(port, "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", '"health":"true"'),
  });
  return Object.assign(server, { url: `http://127.0.0.1:${server.port}` });
}
