/**
 * Watches whether this node can store: it checks the disk of the data folder, and hears of the faults of its databases.
 * While it cannot, `/health` is degraded and `/readyz` is not ready; the log reports it once. The state ends by itself.
 */
import { statfs } from "node:fs/promises";
import type { ServiceBroker } from "moleculer";
import { dataDir } from "#core/config.ts";
import { dependenciesOf, reportDependency } from "../../node/dependencies.ts";
import { perBroker } from "../../node/per-broker.ts";

/** Milliseconds between two checks. */
const LOOK = 1000;
/** With less free space, in bytes, a commit may fail. */
const LEAST = 1_048_576;
/** What `/health` calls it. */
const STORAGE = "storage";

/** A database that could not write, and a way to try again. */
interface Failing {
  readonly reason: string;
  readonly tryAgain: () => Promise<unknown>;
}

export class Disk {
  readonly #broker: ServiceBroker;
  readonly #failing = new Map<string, Failing>();
  readonly #timer: NodeJS.Timeout;
  #isFull = false;
  #told: string | null = null;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
    this.#timer = setInterval(() => void this.#look(), LOOK).unref();
    broker.localBus.once("$broker.stopped", () => clearInterval(this.#timer));
    this.#tell();
  }

  /** Reports that a commit of this database failed for a lasting reason. */
  failed(database: string, failing: Failing): void {
    this.#failing.set(database, failing);
    this.#tell();
  }

  async #look(): Promise<void> {
    this.#isFull = await isFull();
    // While the disk is full, a small write that happens to succeed proves nothing.
    if (!this.#isFull)
      for (const [name, { tryAgain }] of this.#failing)
        await tryAgain().then(
          () => this.#failing.delete(name),
          () => false,
        );
    this.#tell();
  }

  #tell(): void {
    const [first] = this.#failing;
    const reason = this.#isFull ? "no room is left on the disk" : first ? `${first[0]}: ${first[1].reason}` : null;
    const changed = (reason === null) !== (this.#told === null);
    this.#told = reason;
    const detail = "nothing can be written";
    reportDependency(
      this.#broker,
      reason === null ? { name: STORAGE, status: "ok" } : { name: STORAGE, status: "away", detail },
    );
    if (!changed) return;
    const logger = this.#broker.getLogger("storage");
    if (reason === null) logger.warn(`The data folder ${dataDir()} can be written again.`);
    else logger.warn(`The data folder ${dataDir()} cannot be written (${reason}): ${detail} until there is room.`);
  }
}

async function isFull(): Promise<boolean> {
  try {
    const { blocks, bsize, bavail, bfree } = await statfs(dataDir());
    // Only root may use reserved blocks. Some file systems report no sizes.
    return blocks > 0 && bsize * (process.getuid?.() === 0 ? bfree : bavail) < LEAST;
  } catch {
    return false;
  }
}

/** The disk watch of this node, created when the first embedded database is opened. */
export const diskOf = perBroker((broker) => new Disk(broker));

/** False while the embedded databases of this node cannot store. */
export const isWritable = (broker: ServiceBroker): boolean =>
  !dependenciesOf(broker).some(({ name, status }) => name === STORAGE && status === "away");
