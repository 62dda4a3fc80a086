/** HAProxy before the gateways of a local cluster, as tests run it with the configuration of deploy/. */
import { resolve } from "node:path";
import { connect } from "node:net";
import { once } from "node:events";
import { findBinary } from "./binaries.ts";
import { type Server, type ServerOptions, startServer } from "./server.ts";

interface Options extends ServerOptions {
  /** Configuration file, which may use environment variables. */
  readonly file: string;
  /** Those variables, for the port that it should listen on. */
  readonly env?: (port: number) => Readonly<Record<string, string>>;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Starts HAProxy in the foreground. */
export async function startHaproxy(options: Options): Promise<Server> {
  const server = await startServer({
    name: "haproxy",
    options,
    command: (port) => ({
      command: [findBinary("haproxy"), "-db", "-f", resolve(options.file)],
      env: { ...process.env, ...options.env?.(port) },
    }),
    isReady: accepts,
    stopSignal: "SIGUSR1",
  });
  return Object.assign(server, { url: `http://127.0.0.1:${server.port}` });
}
