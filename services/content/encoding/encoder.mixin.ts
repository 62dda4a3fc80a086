/** Adds `this.encoder`: takes chunks of films by lease while the service runs, on this node as many at once as its settings say. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { now, setAlarm } from "#core/clock.ts";
import { sharedError } from "#core/errors.ts";
import { newId } from "#core/id.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import { isStandby } from "#mixins/node/standby.ts";
import { Queue } from "#mixins/queue/queue.ts";
import { storageOf } from "#mixins/storage/open.ts";
import { encoders, scratchFolder } from "../content.config.ts";
import { Attempt, type EncoderHost } from "./attempt.provider.ts";
import * as chunks from "./chunk.repository.ts";
import { findPrograms, type Programs, sandbox } from "./program.provider.ts";
import { Sources } from "./source.provider.ts";
import type { Bench } from "./work.provider.ts";

type Host = EncoderHost & { readonly encoder?: Encoder };

/** Milliseconds after its start when a node tells that ffmpeg cannot be shut in, if so: no start waits for that. */
const SHUT_IN = 5000;
/** Milliseconds for work that somebody waits for. */
const BENCH = 25_000;
/** Milliseconds until a node without ffmpeg looks for it again. */
const AGAIN = 60_000;
/** Milliseconds for which changes are collected before one event tells the live streams of all of them. */
const PACE = 100;

export class Encoder {
  readonly #host: EncoderHost;
  readonly #queue: Queue<chunks.ChunkRow>;
  readonly #running = new Map<Attempt, Promise<void>>();
  readonly #changed = new Set<string>();
  /** Of this node, empty when it starts. */
  readonly #scratch: string;
  readonly #sources: Sources;
  #programs: Programs | null = null;
  #looking: Promise<void> | null = null;
  #lookAt = 0;
  #cancel = () => {};

  constructor(host: EncoderHost) {
    this.#host = host;
    this.#scratch = join(scratchFolder(), host.broker.nodeID);
    this.#sources = new Sources(this.#scratch);
    const { broker, logger, db } = host;
    this.#queue = new Queue(
      { broker, logger },
      {
        next: () => this.#next(),
        claim: (limit) => db.write((tx) => chunks.take(tx, broker.nodeID, limit)),
        work: async (row) => this.#run(row),
        limit: () => this.#room(),
        // Obsolete are all leases of an embedded database, which has one process; elsewhere only this node's own.
        release: () => chunks.drop(db, db.dialect === "sqlite" ? null : broker.nodeID),
      },
    );
  }

  async start(): Promise<void> {
    if (encoders() === 0) return;
    await rm(this.#scratch, { recursive: true, force: true });
    this.#host.broker.localBus.on("$node.disconnected", this.#inherit);
    await this.#queue.start();
    this.#cancel = setAlarm(now() + SHUT_IN, () => void sandbox(this.#host.logger));
  }

  /** Chunks under way are stopped, and begin again on another node. */
  async stop(): Promise<void> {
    this.#host.broker.localBus.off("$node.disconnected", this.#inherit);
    this.#cancel();
    await this.#queue.stop();
    for (const attempt of this.#running.keys()) attempt.stop();
    await Promise.all(this.#running.values());
    await this.#looking;
    await this.#sources.close();
  }

  wake(): void {
    this.#queue.wake();
  }

  /** An encoding has ended or was cancelled: what this node still does for it is stopped. */
  ended(encodingId: string): void {
    for (const attempt of this.#running.keys()) if (attempt.encodingId === encodingId) attempt.lose();
  }

  /** A hint for live streams, which read the encoding themselves. It may be lost without harm. */
  tell(videoId: string): void {
    const { broker } = this.#host;
    if (this.#changed.size === 0)
      setTimeout(() => {
        void broker.broadcast("live.changed", { subjects: [...this.#changed] });
        this.#changed.clear();
      }, PACE).unref();
    this.#changed.add(`content:${videoId}`);
  }

  /**
   * Lets programs work at once, in a folder of their own, beside the pieces of films.
   * @throws SERVICE_UNAVAILABLE where ffmpeg is missing
   */
  async bench<T>(work: (bench: Bench) => Promise<T>): Promise<T> {
    const programs = (this.#programs ??= await findPrograms(this.#host.logger));
    if (!programs) throw sharedError("SERVICE_UNAVAILABLE");
    const folder = join(this.#scratch, newId());
    try {
      await mkdir(folder, { recursive: true });
      return await work({ programs, folder, signal: AbortSignal.timeout(BENCH) });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #room(): number {
    return isStandby(this.#host.broker) ? 0 : encoders() - this.#running.size;
  }

  /** ffmpeg is looked for when there is something to do, so that no start waits for it. */
  async #next(): Promise<{ at: number | null }> {
    const { at } = await chunks.next(this.#host.db);
    if (at === null || this.#programs) return { at };
    if (at > now()) return { at };
    if (now() < this.#lookAt) return { at: this.#lookAt };
    this.#looking ??= findPrograms(this.#host.logger).then((found) => {
      this.#programs = found;
      this.#lookAt = now() + AGAIN;
      this.#looking = null;
      this.#queue.wake(found ? now() : this.#lookAt);
    });
    return { at: null };
  }

  async #run(row: chunks.ChunkRow): Promise<void> {
    const attempt = new Attempt(
      {
        host: this.#host,
        programs: this.#programs!,
        storage: await storageOf(this.#host.broker),
        sources: this.#sources,
        scratch: this.#scratch,
        tell: (videoId) => this.tell(videoId),
      },
      row,
    );
    const ending = attempt
      .run()
      .catch((error: Error) => this.#host.logger.warn(`The end of a chunk was not stored: ${error.message}`))
      .then(() => {
        this.#running.delete(attempt);
        this.#queue.wake();
      });
    this.#running.set(attempt, ending);
  }

  /** Ends the leases of a dead node before their time. Several nodes may do so at once. */
  #inherit = ({ node }: { node: { id: string } }): void => {
    chunks
      .drop(this.#host.db, node.id)
      .then(() => this.#queue.wake())
      .catch((error: Error) => this.#host.logger.warn(`The chunks of ${node.id} keep their leases: ${error.message}`));
  };
}

export const encoder = (): Mixin<{ readonly encoder: Encoder }> =>
  mixin<{ readonly encoder: Encoder }, Host>({
    async started() {
      const encoder = new Encoder(this);
      addName(this, "encoder", encoder);
      await encoder.start();
    },
    async stopped() {
      await this.encoder?.stop();
    },
  });
