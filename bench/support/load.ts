/** A load generator on bare sockets: on two cores a full HTTP client would cost more than the servers it measures. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** The whole request as bytes, anew for each. */
  readonly request: (connection: number) => string;
}

export interface Result {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Sends one request after another on each connection and times every answer. */
export async function load({ port, connections, seconds, request }: Load): Promise<Result> {
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const began = performance.now();
  const end = began + seconds * 1000;
  const workers = Array.from({ length: connections }, (_, connection) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let sent = 0;
    const send = () => {
      sent = performance.now();
      if (sent < end) socket.write(request(connection));
      else socket.destroy();
    };
    onAnswers(socket, (status) => {
      times.push(performance.now() - sent);
      statuses[status] = (statuses[status] ?? 0) + 1;
      send();
    });
    socket.once("connect", send);
    return once(socket, "close");
  });
  await Promise.all(workers);
  const elapsed = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return { requests: times.length, perSecond: times.length / elapsed, p50: at(0.5), p99: at(0.99), statuses };
}

/** Calls back with the status of each answer, once its whole body (Content-Length or chunked) has come. */
function onAnswers(socket: Socket, answered: (status: string) => void): void {
  let buffer = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    buffer = buffer === "" ? chunk : buffer + chunk;
    for (let length = endOf(buffer); length > 0; length = endOf(buffer)) {
      const status = buffer.slice(9, 12);
      buffer = buffer.slice(length);
      answered(status);
    }
  });
}

/** Length of the first whole answer; 0 while it is not whole. */
function endOf(buffer: string): number {
  const head = buffer.indexOf("\r\n\r\n");
  if (head < 0) return 0;
  const length = /content-length: (\d+)/i.exec(buffer.slice(0, head));
  if (length) return buffer.length >= head + 4 + Number(length[1]) ? head + 4 + Number(length[1]) : 0;
  if (!/transfer-encoding: chunked/i.test(buffer.slice(0, head))) return head + 4;
  const last = buffer.indexOf("\r\n0\r\n\r\n", head);
  return last < 0 ? 0 : last + 7;
}
