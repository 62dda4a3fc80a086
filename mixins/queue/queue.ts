/**
 * The one way to work off rows of a table. A queue sleeps until the first row is due. A commit can move that time
 * forward, and a check at intervals finds rows that nobody reports: those of a node that died, or of a busy one.
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

/** The service's own part of a queue. */
interface Work<Row> {
  /**
   * When the first row is due or the first lease ends, in milliseconds since the epoch. It is asked often, so an index
   * must answer it.
   */
  readonly next: () => Promise<{ readonly at: number | null } | undefined>;
  /** Claims at most this many due rows. */
  readonly claim: (limit: number) => Promise<readonly Row[]>;
  /**
   * Handles one row. An error is logged, and the other rows continue. A row that is still due is retried after a pause.
   */
  readonly work: (row: Row) => Promise<unknown>;
  /** The most rows that are claimed together. With 0, the queue waits until it is woken. */
  readonly limit: number | (() => number);
  /** The most rows that are handled at once. The default is all that were claimed. */
  readonly atOnce?: number;
  /** The most rows that are begun per second. Without it, or with 0, there is no limit. */
  readonly rate?: number;
  /** Releases a row that was claimed but not begun when the queue stopped. */
  readonly giveBack?: (row: Row) => Promise<unknown>;
  /** Ends the leases that this process held before it died. */
  readonly release?: () => Promise<unknown>;
  /** The shortest time in milliseconds between two claims, so that new rows are claimed together. */
  readonly pace?: number;
  /** Milliseconds after which a new row is due at the earliest, when nobody reports it to the queue. */
  readonly soonest?: number;
}

interface Host extends Pick<Service, "logger"> {
  /** Absent where only one process exists. */
  readonly broker?: ServiceBroker | undefined;
}

/** Milliseconds: the longest sleep between two checks. */
const FALLBACK = 5000;
/** Milliseconds until the next check when other nodes were faster, or hold the due rows in a transaction. */
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
   * @param at when it is due, in milliseconds since the epoch; the default is now
   */
  wake(at?: number): void {
    this.#worker.wake(at);
  }

  /** Rows under way are completed, and the rest is released. */
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

  /** @throws the last error when all rows failed: then the queue pauses, so that it does not retry without end */
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

  /** Waits for the next turn. Turns come at an even rate. */
  async #turn(atOnce: number): Promise<void> {
    const { rate = 0 } = this.#work;
    if (rate === 0 || this.#isStopped) return;
    const pause = 1000 / rate;
    // Limited to the time of all who wait, because the clock may have been set back.
    const at = Math.min(Math.max(this.#nextTurn, now()), now() + atOnce * pause);
    this.#nextTurn = at + pause;
    if (at > now()) await new Promise<void>((resolve) => void setAlarm(at, resolve));
  }
}
