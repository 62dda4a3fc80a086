/** Live streams: requests that are held open, and that read again whenever something may have happened. */
import { decodeJwt } from "jose";
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { isRefusal, sharedError } from "#core/errors.ts";
import { Worker } from "../queue/worker.ts";
import { redisOf } from "../redis/redis.ts";
import { perBroker } from "../node/per-broker.ts";
import { config } from "./gateway.config.ts";
import { type Hold, Holders } from "./holders.ts";

/** Milliseconds. */
const HEARTBEAT = 15_000;

export interface LiveItem {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

export interface LiveItems {
  readonly items: readonly LiveItem[];
}

/** How one protocol sends a stream. */
export interface Wire {
  /** Sends everything that precedes the first item; false when the client wants no more, or is gone. */
  begin(): boolean;
  write(item: LiveItem): void;
  /** Shows that the stream is alive while nothing happens. */
  beat(): void;
  /** @param reason the error that ends the stream, where a protocol can tell it */
  end(reason?: unknown): void;
  /** Ends the stream without waiting for a client that does not read. */
  cut(): void;
  /** True while the client has not read everything that was written. */
  readonly isFull: boolean;
  readonly isEnded: boolean;
  readonly isClosed: boolean;
  onDrain(listener: () => void): void;
  onClose(listener: () => void): void;
}

interface Source {
  /** The subject, `<service>:<id>`. An event of this name wakes the stream. */
  readonly subject: string;
  /** The holder of the stream: a person, or an address where nobody signs in. */
  readonly holder: string;
  readonly token: string | undefined;
  /** The last item that the client has received. */
  readonly after: number | undefined;
  pull(after: number | undefined): Promise<LiveItems>;
}

const expiryOf = (token: string): number => (decodeJwt(token).exp ?? 0) * 1000;

class Stream {
  readonly #wire: Wire;
  readonly #source: Source;
  readonly #hold: Hold;
  readonly #worker: Worker;
  readonly #timers: NodeJS.Timeout[] = [];
  #after: number | undefined;
  #hasBegun = false;
  #late = false;

  constructor(wire: Wire, source: Source, hold: Hold, logger: Service["logger"]) {
    this.#wire = wire;
    this.#source = source;
    this.#hold = hold;
    this.#after = source.after;
    this.#worker = new Worker(logger, () => this.#step(), { idle: HEARTBEAT });
  }

  /** @throws the refusal of the action's first answer; nothing has been sent until then */
  async start(): Promise<void> {
    const first = await this.#source.pull(this.#after);
    this.#hasBegun = true;
    if (!this.#wire.begin()) return this.end();
    this.#write(first);
    this.#wire.onDrain(() => this.wake());
    this.#timers.push(setInterval(() => this.#beat(), HEARTBEAT));
    const { token } = this.#source;
    if (token !== undefined)
      this.#timers.push(setTimeout(() => this.end(sharedError("TOKEN_EXPIRED")), Math.max(expiryOf(token) - now(), 0)));
    this.wake();
  }

  wake(): void {
    if (this.#hasBegun) this.#worker.wake();
  }

  end(reason?: unknown): void {
    this.#wire.end(reason);
  }

  release(): void {
    this.#timers.forEach(clearTimeout);
    void this.#worker.stop();
    this.#hold.release();
  }

  /** True when there may be more to read at once. */
  async #step(): Promise<boolean> {
    if (this.#wire.isFull || this.#wire.isEnded) return false;
    try {
      const answer = await this.#source.pull(this.#after);
      if (!this.#wire.isEnded) this.#write(answer);
      return answer.items.length > 0;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.end(error);
      return false;
    }
  }

  #write({ items }: LiveItems): void {
    for (const item of items) {
      this.#wire.write(item);
      this.#after = Number(item.id);
    }
  }

  /** A client that read nothing during a whole heartbeat counts as gone, whatever its connection reports. */
  #beat(): void {
    const { isFull, isEnded } = this.#wire;
    if (isFull && this.#late) this.#wire.cut();
    this.#late = isFull;
    if (!isFull && !isEnded) this.#wire.beat();
    this.#hold.renew();
  }
}

/** All gateways of a node count the streams of a person together. */
const holdersOf = perBroker(
  (broker) => new Holders(redisOf(broker), { most: config.LIVE_STREAMS, lifetime: 3 * HEARTBEAT }),
);

export class LiveStreams {
  readonly #logger: Service["logger"];
  readonly #holders: Holders;
  readonly #bySubject = new Map<string, Set<Stream>>();
  #closed = false;

  constructor({ broker, logger }: Service) {
    this.#logger = logger;
    this.#holders = holdersOf(broker);
  }

  /** @throws RATE_LIMITED when the holder has too many open streams, SERVICE_UNAVAILABLE while the node stops */
  async open(wire: Wire, source: Source): Promise<void> {
    const { subject, holder } = source;
    const hold = await this.#holders.hold(holder);
    if (this.#closed || wire.isClosed) {
      hold.release();
      throw sharedError("SERVICE_UNAVAILABLE");
    }
    const stream = new Stream(wire, source, hold, this.#logger);
    // Subscribed before the first answer, so that nothing is missed between the two.
    const streams = this.#bySubject.get(subject) ?? new Set();
    this.#bySubject.set(subject, streams.add(stream));
    wire.onClose(() => {
      stream.release();
      streams.delete(stream);
      if (streams.size === 0) this.#bySubject.delete(subject);
    });
    await stream.start();
  }

  wake(subjects: readonly string[]): void {
    for (const subject of subjects) this.#bySubject.get(subject)?.forEach((stream) => stream.wake());
  }

  /** Ends every stream. The clients reconnect to another node, or to this one after its restart. */
  close(): void {
    this.#closed = true;
    for (const streams of this.#bySubject.values())
      streams.forEach((stream) => stream.end(sharedError("SERVICE_UNAVAILABLE")));
  }
}
