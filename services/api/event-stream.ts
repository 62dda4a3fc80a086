/** Live streams as server-sent events (the HTML standard, section 9.2). */
import type { ServerResponse } from "node:http";
import type { LiveItem, Wire } from "#mixins/gateway/live.ts";
import type { Exchange } from "./exchange.ts";

/** Milliseconds after which a browser reconnects. */
const RETRY = 2000;

const head = [
  "Content-Type",
  "text/event-stream; charset=utf-8",
  "Cache-Control",
  "no-store",
  "X-Accel-Buffering",
  "no",
];

/** The last item that the client received. EventSource sends it in a header when it reconnects. */
export function resumeFrom({ req }: Exchange, after: number | undefined): number | undefined {
  const last = req.headers["last-event-id"];
  return typeof last === "string" && /^\d{1,15}$/.test(last) ? Number(last) : after;
}

export class EventStream implements Wire {
  readonly #exchange: Exchange;
  readonly #res: ServerResponse;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#res = exchange.res;
  }

  begin(): boolean {
    const { req, headers } = this.#exchange;
    this.#res.writeHead(200, [...headers, ...head]);
    if (req.method === "HEAD" || this.#res.destroyed) return false;
    this.#res.write(`retry: ${RETRY}\n\n`);
    return true;
  }

  write({ id, event, data }: LiveItem): void {
    this.#res.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  beat(): void {
    this.#res.write(": heartbeat\n\n");
  }

  end(): void {
    this.#res.end();
  }

  cut(): void {
    this.#res.destroy();
  }

  get isFull(): boolean {
    return this.#res.writableNeedDrain;
  }

  get isEnded(): boolean {
    return this.#res.writableEnded;
  }

  get isClosed(): boolean {
    return this.#res.closed;
  }

  onDrain(listener: () => void): void {
    this.#res.on("drain", listener);
  }

  onClose(listener: () => void): void {
    this.#res.once("close", listener);
  }
}
