/** Mosquitto, a server of MQTT, on 127.0.0.1. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { findDaemon } from "./binaries.ts";
import { answers, type Server, type ServerOptions, startServer } from "./server.ts";

/** A client without a name that begins anew (MQTT 3.1.1), and the first bytes of the answer to it. */
const CONNECT = Buffer.from("\x10\x0c\0\x04MQTT\x04\x02\0\x0a\0\0");
const ACCEPTED = "\x20\x02";

export async function startMosquitto(options: ServerOptions): Promise<Server> {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const server = await startServer({
    name: "mosquitto",
    options,
    command(port) {
      const file = join(folder, "mosquitto.conf");
      // By itself it drops what does not fit into a queue of a thousand messages.
      const lines = [
        `listener ${port} 127.0.0.1`,
        "allow_anonymous true",
        "max_queued_messages 0",
        "log_type error",
        "log_type warning",
      ];
      writeFileSync(file, `${lines.join("\n")}\n`);
      return { command: [findDaemon("mosquitto"), "-c", file] };
    },
    isReady: (port) => answers(port, CONNECT, ACCEPTED),
  });
  return Object.assign(server, { url: `mqtt://127.0.0.1:${server.port}` });
}
