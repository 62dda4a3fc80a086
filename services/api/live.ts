/** Live streams: requests held open as server-sent events, which read on whenever something may have happened. */
import { decodeJwt } from "jose";
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { sharedError } from "#core/errors.ts";
import { redisOf } from "#mixins/redis/redis.ts";
import { Worker } from "#mixins/queue/worker.ts";
import { clientAddress } from "./address.ts";
import { config } from "./api.config.ts";
import type { Exchange } from "./exchange.ts";
import { type Hold, Holders } from "./holders.ts";

/** Milliseconds. */
const HEARTBEAT = 15_000;
/** Milliseconds after which a browser comes back. */
const RETRY = 2000;

const head = [
  "Content-Type",
  "text/event-stream; charset=utf-8",
  "Cache-Control",
  "no-store",
  "X-Accel-Buffering",
  "no",
];

export interface LiveItems {
  readonly items: readonly { readonly id: string; readonly event: string; readonly data: unknown }[];
}

interface Source {
  /** What it is about, `<service>:<id>`: an event of this name wakes the stream. */
  readonly subject: string;
  /** Who holds it open; nobody in particular on a public route. */
  readonly holder: string | null;
  readonly token: string | undefined;
  readonly after: number | undefined;
  pull(after: number | undefined): Promise<LiveItems>;
}

const expiryOf = (token: string): number => (decodeJwt(token).exp ?? 0) * 1000;

/** Where the client left off; EventSource sends the header when it comes back, to the address it first had. */
function resumeFrom({ req }: Exchange, after: number | undefined): number | undefined {
  const last = req.headers["last-event-id"];
  return typeof last === "string" && /^\d{1,15}$/.test(last) ? Number(last) : after;
}

class Stream {
  readonly #exchange: Exchange;
  readonly #source: Source;
  readonly #hold: Hold;
  readonly #worker: Worker;
  readonly #timers: NodeJS.Timeout[] = [];
  #after: number | undefined;
  #late = false;

  constructor(exchange: Exchange, source: Source, hold: Hold, logger: Service["logger"]) {
    this.#exchange = exchange;
    this.#source = source;
    this.#hold = hold;
    this.#after = resumeFrom(exchange, source.after);
    this.#worker = new Worker(logger, () => this.#step(), { idle: HEARTBEAT });
  }

  /** @throws what the action's first answer refuses with: until then no header has been sent */
  async start(): Promise<void> {
    const { res, req, headers } = this.#exchange;
    const first = await this.#source.pull(this.#after);
    res.writeHead(200, [...headers, ...head]);
    if (req.method === "HEAD" || res.destroyed) return this.end();
    res.write(`retry: ${RETRY}\n\n`);
    this.#write(first);
    res.on("drain", () => this.wake());
    this.#timers.push(setInterval(() => this.#beat(), HEARTBEAT));
    const { token } = this.#source;
    if (token !== undefined) this.#timers.push(setTimeout(() => this.end(), Math.max(expiryOf(token) - now(), 0)));
    this.wake();
  }

  wake(): void {
    if (this.#exchange.res.headersSent) this.#worker.wake();
  }

  end(): void {
    this.#exchange.res.end();
  }

  release(): void {
    this.#timers.forEach(clearTimeout);
    void this.#worker.stop();
    this.#hold.release();
  }

  /** True when there may be more to read at once. */
  async #step(): Promise<boolean> {
    const { res } = this.#exchange;
    if (res.writableNeedDrain || res.writableEnded) return false;
    try {
      const answer = await this.#source.pull(this.#after);
      if (!res.writableEnded) this.#write(answer);
      return answer.items.length > 0;
    } catch (error) {
      const { code = 500 } = error as { code?: number };
      if (code >= 500 || code === 404) throw error;
      this.end();
      return false;
    }
  }

  #write({ items }: LiveItems): void {
    for (const { id, event, data } of items) {
      this.#exchange.res.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      this.#after = Number(id);
    }
  }

  /** A client that took nothing for a whole heartbeat is gone, whatever its connection says. */
  #beat(): void {
    const { res } = this.#exchange;
    if (res.writableNeedDrain && this.#late) res.destroy();
    this.#late = res.writableNeedDrain;
    if (!this.#late && !res.writableEnded) res.write(": heartbeat\n\n");
    this.#hold.renew();
  }
}

export class LiveStreams {
  readonly #logger: Service["logger"];
  readonly #holders: Holders;
  readonly #bySubject = new Map<string, Set<Stream>>();
  #closed = false;

  constructor({ broker, logger }: Service) {
    this.#logger = logger;
    this.#holders = new Holders(redisOf(broker), { most: config.LIVE_STREAMS, lifetime: 3 * HEARTBEAT });
  }

  /** @throws RATE_LIMITED when the holder has too many open, SERVICE_UNAVAILABLE while the node stops */
  async open(exchange: Exchange, source: Source): Promise<void> {
    const { subject } = source;
    const holder = source.holder ?? clientAddress(exchange.req, config.TRUST_PROXY);
    const hold = await this.#holders.hold(holder);
    if (this.#closed || exchange.res.closed) {
      hold.release();
      throw sharedError("SERVICE_UNAVAILABLE");
    }
    const stream = new Stream(exchange, source, hold, this.#logger);
    // Before the first answer, so that nothing falls between the two.
    const streams = this.#bySubject.get(subject) ?? new Set();
    this.#bySubject.set(subject, streams.add(stream));
    exchange.res.once("close", () => {
      stream.release();
      streams.delete(stream);
      if (streams.size === 0) this.#bySubject.delete(subject);
    });
    await stream.start();
  }

  wake(subjects: readonly string[]): void {
    for (const subject of subjects) this.#bySubject.get(subject)?.forEach((stream) => stream.wake());
  }

  /** Ends every stream; their clients come back, to another node or to this one when it is up again. */
  close(): void {
    this.#closed = true;
    for (const streams of this.#bySubject.values()) streams.forEach((stream) => stream.end());
  }
}
