/** Sends requests as they are written, which a client with manners would put right or refuse to send. */
import { Agent, type IncomingMessage, request } from "node:http";
import type { HostileRequest } from "./hostile-requests.ts";

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** @returns a function that resolves with the status when all was answered; 0 when the connection was closed instead */
export function sendTo(url: string): (method: string, made: HostileRequest, token: string) => Promise<number> {
  const { hostname, port } = new URL(url);
  return (method, made, token) =>
    new Promise((resolve) => {
      const length = made.body === undefined ? {} : { "content-length": String(Buffer.byteLength(made.body)) };
      const headers = { authorization: `Bearer ${token}`, ...length, ...made.headers };
      const sent = request({ agent, hostname, port, method, path: made.url, headers }, (answer: IncomingMessage) => {
        // A live stream goes on for as long as one listens.
        if (answer.headers["content-type"]?.startsWith("text/event-stream")) answer.destroy();
        answer
          .on("error", () => {})
          .resume()
          .on("close", () => resolve(answer.statusCode!));
      });
      sent.on("error", () => resolve(0)).end(made.body);
    });
}
