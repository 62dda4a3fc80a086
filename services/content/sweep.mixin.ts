/** Adds `this.sweep`: removes files that nobody needs any more, each hour and when a video was removed. */
import type { Service } from "moleculer";
import { HOUR, now } from "#core/clock.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { isStandby } from "#mixins/node/standby.ts";
import { Worker } from "#mixins/queue/worker.ts";
import { storageOf } from "#mixins/storage/open.ts";
import { scratchFolder, uploadsFolder } from "./content.config.ts";
import type { ContentTables } from "./content.tables.ts";
import * as sweeping from "./sweep.provider.ts";

interface Host extends Service {
  readonly db: Database<ContentTables>;
  readonly sweep?: Sweep;
}

/** Milliseconds until it is tried again after a failure: at first, and at most. */
const PAUSES = [10_000, HOUR] as const;

/** Each node does so: its own folders are its alone, and for the rest it does not matter who is first. */
export class Sweep {
  readonly #host: Host;
  readonly #worker: Worker;

  constructor(host: Host) {
    this.#host = host;
    this.#worker = new Worker(host.logger, async () => (await this.run(), false), { idle: HOUR, backOff: PAUSES });
  }

  start(): void {
    // Not at once: no start waits for it.
    this.#worker.wake(now() + HOUR);
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }

  /** There is something to remove. */
  wake(): void {
    this.#worker.wake();
  }

  /** @throws Error when something could not be removed; everything else was */
  async run(): Promise<void> {
    const { db, broker } = this.#host;
    if (isStandby(broker)) return;
    const storage = await storageOf(broker);
    const kinds = [
      () => sweeping.sweepReleases(db, storage),
      () => sweeping.sweepSources(db, storage),
      () => sweeping.sweepPosters(db, storage),
      () => sweeping.sweepDrafts(storage),
      () => sweeping.sweepUploads(uploadsFolder()),
      () => sweeping.sweepScratch(scratchFolder(), broker.nodeID),
    ];
    const reasons: string[] = [];
    for (const kind of kinds) await kind().catch((error: Error) => void reasons.push(error.message));
    if (reasons.length > 0) throw new Error(`Files that nobody needs are still there: ${reasons.join(" ")}`);
  }
}

export const sweep = (): Mixin<{ readonly sweep: Sweep }> =>
  mixin<{ readonly sweep: Sweep }, Host>({
    started() {
      const sweep = new Sweep(this);
      addName(this, "sweep", sweep);
      sweep.start();
    },
    async stopped() {
      await this.sweep?.stop();
    },
  });
