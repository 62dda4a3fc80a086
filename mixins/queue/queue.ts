/**
 * The one way to work off rows of a table. A queue sleeps until the first row is due; a commit moves that forward, and a slow
 * look of its own finds what nobody could tell it: rows of a node that died, or of one that has too much to do.
 *
 * A row that is claimed is nobody else's. Where the work leaves the database, a claim is a lease: an update that passes over
 * what others hold moves the time at which the row is due. It is stored before the work begins, and ends by itself when the
 * process dies. Where the work is one transaction, the claim is its first statement, which must change the row; `claim` then
 * only lists what is due.
 *
 * @example
 * const queue = new Queue(service, {
 *   next: () => db.one(nextDue, {}),
 *   claim: (limit) => db.write((tx) => tx.all(claimDue, { now: now(), lease: now() + LEASE, limit })),
 *   work: (row) => this.#send(row),
 *   limit: 50,
 * });
 * await queue.start();
 * // in the transaction that adds a row:
 * tx.afterCommit(() => queue.wake());
 */
import type { Service, ServiceBroker } from "moleculer";
import { now, setAlarm } from "#core/clock.ts";
import { whileStarting } from "../database/starting.ts";
import { Worker } from "./worker.ts";

/** What a service says about its rows. */
interface Work<Row> {
  /** When the first row is due, or the lease of who has it ends, milliseconds since the epoch. Asked often: it goes by an index. */
  readonly next: () => Promise<{ readonly at: number | null } | undefined>;
  /** Takes at most so many rows that are due. */
  readonly claim: (limit: number) => Promise<readonly Row[]>;
  /** One row. What it fails with is logged, and the others go on. A row that is still due then is tried again after a pause. */
  readonly work: (row: Row) => Promise<unknown>;
  /** How many are claimed together; with 0 the queue waits to be woken. */
  readonly limit: number | (() => number);
  /** How many of them are worked on at once: all, when it is absent. */
  readonly atOnce?: number;
  /** How many are begun in a second at most; absent or 0 is as many as come. */
  readonly rate?: number;
  /** Leaves a row to others that was claimed and not begun when the queue was stopped. */
  readonly giveBack?: (row: Row) => Promise<unknown>;
  /** Ends the leases that this process held before it died. */
  readonly release?: () => Promise<unknown>;
  /** Milliseconds from one claim to the next at least: what comes meanwhile is claimed together. */
  readonly pace?: number;
  /** Milliseconds after which a new row is due at the soonest, when nobody tells the queue of it. */
  readonly soonest?: number;
}

interface Host extends Pick<Service, "logger"> {
  /** Absent where there is only one process. */
  readonly broker?: ServiceBroker | undefined;
}

/** Milliseconds: longest sleep between two looks. */
const FALLBACK = 5000;
/** Milliseconds until the next look when others were faster, or hold what is due in a transaction. */
const SOON = 50;

export class Queue<Row> {
  readonly #host: Host;
  readonly #work: Work<Row>;
  readonly #worker: Worker;
  #nextTurn = 0;
  #isStopped = false;

  constructor(host: Host, work: Work<Row>) {
    this.#host = host;
    this.#work = work;
    const { pace = 0, soonest = FALLBACK } = work;
    this.#worker = new Worker(host.logger, () => this.#step(), {
      idle: Math.min(Math.max(soonest, SOON), FALLBACK),
      pace,
    });
  }

  async start(): Promise<void> {
    const { release } = this.#work;
    if (release) await whileStarting(release);
    this.#host.broker?.localBus.on("$node.disconnected", this.#onLoss);
    this.#worker.wake();
  }

  /**
   * Call it after a commit that makes a row due.
   * @param at when it is due, milliseconds since the epoch; now, when it is absent
   */
  wake(at?: number): void {
    this.#worker.wake(at);
  }

  /** What is begun is ended, and the rest is given back. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#host.broker?.localBus.off("$node.disconnected", this.#onLoss);
    await this.#worker.stop();
  }

  #onLoss = () => this.#worker.wake();

  async #step(): Promise<boolean> {
    const at = (await this.#work.next())?.at ?? null;
    if (at === null) return false;
    if (at > now()) {
      this.#worker.wake(at);
      return false;
    }
    const limit = this.#limit();
    if (limit <= 0) return false;
    const rows = await this.#work.claim(limit);
    if (rows.length > 0) await this.#all(rows);
    else this.#worker.wake(now() + SOON);
    return rows.length > 0;
  }

  #limit(): number {
    const { limit } = this.#work;
    return typeof limit === "number" ? limit : limit();
  }

  /** @throws what the last one failed with when all have: then the queue pauses, so that no row is tried without end */
  async #all(rows: readonly Row[]): Promise<void> {
    const { work, giveBack, atOnce = rows.length } = this.#work;
    const failures: Error[] = [];
    const remaining = rows.values();
    const lane = async () => {
      for (const row of remaining) {
        await this.#turn(atOnce);
        const end = this.#isStopped && giveBack ? giveBack : work;
        await end(row).catch((error: Error) => failures.push(error));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    const last = failures.length === rows.length ? failures.pop() : undefined;
    for (const { message } of failures) this.#host.logger.warn(message);
    if (last) throw last;
  }

  /** Waits for the next turn; turns come at an even pace. */
  async #turn(atOnce: number): Promise<void> {
    const { rate = 0 } = this.#work;
    if (rate === 0 || this.#isStopped) return;
    const pause = 1000 / rate;
    // Never for longer than all who wait, also when the clock was set back.
    const at = Math.min(Math.max(this.#nextTurn, now()), now() + atOnce * pause);
    this.#nextTurn = at + pause;
    if (at > now()) await new Promise<void>((resolve) => void setAlarm(at, resolve));
  }
}
