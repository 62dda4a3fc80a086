/** NGINX before gateways, as tests run it with the configuration that deploy/ has for containers. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { nginxConfig } from "../nginx.ts";
import { findBinary } from "./binaries.ts";
import { answers, type Server, type ServerOptions, startServer } from "./server.ts";

interface Options extends ServerOptions {
  readonly resolver: string;
  /** Names with ports, under which the gateways are found. */
  readonly http: string;
  readonly grpc: string;
  readonly uploads?: string;
  readonly films?: string;
  /** On which it listens for gRPC. */
  readonly grpcPort: number;
}

/** Starts NGINX in the foreground. */
export async function startNginx(options: Options): Promise<Server> {
  const folder = resolve(options.folder);
  const file = join(folder, "nginx.conf");
  mkdirSync(folder, { recursive: true });
  const server = await startServer({
    name: "nginx",
    options,
    command: (port) => {
      const config = nginxConfig({
        resolver: options.resolver,
        http: { address: options.http, listen: `127.0.0.1:${port}` },
        grpc: { address: options.grpc, listen: `127.0.0.1:${options.grpcPort}` },
        agents: options.http,
        uploads: options.uploads ?? options.http,
        films: options.films ?? options.http,
        folder,
      });
      writeFileSync(file, config);
      return {
        command: [
          findBinary("nginx"),
          "-p",
          folder,
          "-c",
          file,
          "-e",
          "stderr",
          "-g",
          "daemon off; master_process off;",
        ],
      };
    },
    isReady: (port) => answers(port, "GET /metrics HTTP/1.0\r\n\r\n", "404"),
    stopSignal: "SIGQUIT",
  });
  return Object.assign(server, { url: `http://127.0.0.1:${server.port}` });
}
