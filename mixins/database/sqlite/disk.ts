/**
 * Whether this node can store: it looks at the disk of the data folder and hears what its databases fail with. The log is
 * told once, `/health` is degraded and `/readyz` not ready for as long as it lasts; it ends by itself.
 */
import { statfs } from "node:fs/promises";
import type { ServiceBroker } from "moleculer";
import { dataDir } from "#core/config.ts";
import { dependenciesOf, reportDependency } from "../../node/dependencies.ts";
import { perBroker } from "../../node/per-broker.ts";

/** Milliseconds between two looks. */
const LOOK = 1000;
/** Bytes: with less no commit is sure to succeed. */
const LEAST = 1_048_576;
/** What `/health` calls it. */
const STORAGE = "storage";

/** A database that could not write, and how to try whether it can again. */
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

  /** A commit of this database failed for a reason that lasts. */
  failed(database: string, failing: Failing): void {
    this.#failing.set(database, failing);
    this.#tell();
  }

  async #look(): Promise<void> {
    this.#isFull = await isFull();
    // While the disk is full nothing that fits by chance proves anything.
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
    // Only root may use what is reserved. Some file systems tell nothing.
    return blocks > 0 && bsize * (process.getuid?.() === 0 ? bfree : bavail) < LEAST;
  } catch {
    return false;
  }
}

/** The one of this node, made when its first embedded database is opened. */
export const diskOf = perBroker((broker) => new Disk(broker));

/** False while the embedded databases of this node cannot store. */
export const isWritable = (broker: ServiceBroker): boolean =>
  !dependenciesOf(broker).some(({ name, status }) => name === STORAGE && status === "away");
