/** One attempt at a chunk: it renews its lease, stops when it has lost the chunk, and stores how it ended. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Service } from "moleculer";
import { workContext } from "#core/context.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import type { Storage } from "#mixins/storage/storage.ts";
import type { ContentTables } from "../content.tables.ts";
import { encoded } from "../content.transition.ts";
import * as subtitles from "../subtitle.repository.ts";
import * as chunks from "./chunk.repository.ts";
import * as encodings from "./encoding.repository.ts";
import { CHECK, FINISH, type Plan, piecesOf, SAMPLE } from "./plan.model.ts";
import { RefusedSource } from "./probe.model.ts";
import { ProgramError, type Programs } from "./program.provider.ts";
import { finish } from "./finish.provider.ts";
import { makeSample } from "./sample.provider.ts";
import type { Sources } from "./source.provider.ts";
import { check, encode, type Workshop } from "./work.provider.ts";

export interface EncoderHost extends Service {
  readonly db: Database<ContentTables>;
  readonly outbox: Outbox;
}

interface Means {
  readonly host: EncoderHost;
  readonly programs: Programs;
  readonly storage: Storage;
  readonly sources: Sources;
  /** The folder of this node for what is being encoded. */
  readonly scratch: string;
  readonly tell: (videoId: string) => void;
}

/** Failures of one chunk after which the film is given up. */
const MOST_FAILURES = 4;
/** Milliseconds until a chunk is tried again: after its first failure, and while the disk is full. */
const [PAUSE, FULL] = [2000, 5000];

const isFull = (error: unknown): boolean =>
  error instanceof ProgramError
    ? error.kind === "full"
    : ["ENOSPC", "EDQUOT"].includes((error as { code?: string }).code ?? "");

export class Attempt {
  readonly encodingId: string;
  readonly #means: Means;
  readonly #row: chunks.ChunkRow;
  readonly #abort = new AbortController();
  #isStopping = false;

  constructor(means: Means, row: chunks.ChunkRow) {
    this.#means = means;
    this.#row = row;
    this.encodingId = row.encoding_id;
  }

  lose(): void {
    this.#abort.abort(new chunks.Lost());
  }

  /** The node stops. */
  stop(): void {
    this.#isStopping = true;
    this.#abort.abort(new Error("The node stops."));
  }

  /** @throws Error when storage failed; then the lease ends, and the chunk is taken again */
  async run(): Promise<void> {
    const { db } = this.#means.host;
    const encoding = await encodings.find(db, this.encodingId);
    if (!encoding) return;
    const timer = setInterval(() => void this.#renew(), chunks.LEASE / 3);
    const folder = join(this.#means.scratch, `${this.#row.id}-${this.#row.attempt}`);
    try {
      await mkdir(folder, { recursive: true });
      await this.#work(encoding, folder);
    } catch (error) {
      await this.#broken(encoding, error as Error);
    } finally {
      clearInterval(timer);
      await rm(folder, { recursive: true, force: true });
      this.#means.tell(encoding.video_id);
    }
  }

  async #renew(): Promise<void> {
    // Without the database nobody knows; then storing the end of this attempt tells.
    if (!(await chunks.renewed(this.#means.host.db, this.#row).catch(() => true))) this.lose();
  }

  async #work(encoding: encodings.EncodingRow, folder: string): Promise<void> {
    const { programs, storage, sources } = this.#means;
    const { signal } = this.#abort;
    const source: Workshop["source"] = (work) => sources.use(storage, encoding.source_id, signal, work);
    const shop: Workshop = { programs, storage, folder, source, encoding, signal };
    const { track } = this.#row;
    if (track === SAMPLE.track) await makeSample(shop);
    if (track === CHECK.track || track === SAMPLE.track) return this.#planned(await check(shop));
    const plan = JSON.parse(encoding.plan!) as Plan;
    if (track === FINISH.track) return this.#finish(shop, plan);
    return this.#encoded(await encode(shop, plan, this.#row));
  }

  async #planned(plan: Plan): Promise<void> {
    const rows = piecesOf(plan).map((piece) => chunks.add({ ...piece, encoding_id: this.encodingId }));
    await this.#means.host.db.write(async (tx) =>
      tx.add(chunks.done(this.#row, {}), encodings.planned(this.encodingId, plan), ...rows),
    );
  }

  /** Whoever stores the last chunk adds the end. Two that end together take turns, so one of them sees none left. */
  async #encoded(result: object): Promise<void> {
    await this.#means.host.db.write(async (tx) => {
      tx.lock(`encoding:${this.encodingId}`);
      tx.add(chunks.done(this.#row, result), encodings.changed(this.encodingId));
      if ((await chunks.open(tx, this.encodingId)) === 0)
        tx.add(chunks.add({ ...FINISH, encoding_id: this.encodingId }));
    });
  }

  /** Once more when subtitles were added or removed meanwhile. */
  async #finish(shop: Workshop, plan: Plan): Promise<void> {
    const { encoding } = shop;
    const { host } = this.#means;
    const told = { outbox: host.outbox, cause: workContext(host) };
    for (let isFinished = false; !isFinished;) {
      const added = await subtitles.of(host.db, encoding.video_id);
      const played = await finish(shop, plan, await chunks.list(host.db, this.encodingId), added);
      isFinished = await host.db.write(async (tx) => {
        if (!(await subtitles.areStill(tx, encoding.video_id, added))) return false;
        tx.add(chunks.done(this.#row, {}), ...encodings.complete(encoding, played));
        await encoded(tx, told, encoding);
        return true;
      });
    }
  }

  async #broken(encoding: encodings.EncodingRow, error: Error): Promise<void> {
    const { host } = this.#means;
    const { reason } = this.#abort.signal;
    if ([error, reason].some((one) => one instanceof chunks.Lost || one instanceof encodings.Ended)) {
      host.logger.info(`A chunk of ${encoding.video_id} goes on elsewhere, or was cancelled.`);
    } else if (this.#isStopping) await this.#later(0, this.#row.error, 0);
    else if (error instanceof RefusedSource) await this.#fail(encoding, error.reason, "");
    else if (isFull(error)) await this.#later(0, "DISK_FULL", FULL);
    else await this.#failed(encoding, error);
  }

  async #failed(encoding: encodings.EncodingRow, error: Error): Promise<void> {
    const failures = this.#row.failures + 1;
    const message = error.message.slice(-500);
    this.#means.host.logger.warn(`${this.#row.track} ${this.#row.position} of ${encoding.video_id} failed: ${message}`);
    if (failures >= MOST_FAILURES) await this.#fail(encoding, "BROKEN", message);
    else await this.#later(1, "FAILED", PAUSE * 2 ** failures);
  }

  async #later(more: number, error: string | null, pause: number): Promise<void> {
    const failures = this.#row.failures + more;
    await this.#means.host.db.write(async (tx) =>
      tx.add(chunks.later(this.#row, { failures, error, pause }), encodings.changed(this.encodingId)),
    );
  }

  async #fail(encoding: encodings.EncodingRow, reason: string, detail: string): Promise<void> {
    const { host } = this.#means;
    const { id, video_id: videoId } = encoding;
    const event = host.outbox.event(workContext(host), "content.failed", `content:${videoId}`, { videoId, reason });
    await host.db
      .write(async (tx) => tx.add(...encodings.fail(encoding, reason, detail), chunks.giveUp(id), event))
      .catch((error: unknown) => {
        if (!(error instanceof encodings.Ended)) throw error;
      });
  }
}
