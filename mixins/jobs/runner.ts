/** Runs the jobs of one service on this node: it claims what is due, and what a node that is gone has left. */
import { now } from "#core/clock.ts";
import type { JobDefinition } from "#core/job.ts";
import type { Transaction } from "../database/database.ts";
import { isStandby } from "../node/standby.ts";
import { Queue } from "../queue/queue.ts";
import { Attempt, type JobHost, type Kind, LEASE } from "./attempt.ts";
import { allowed, nextOf, readyAfter, type Standing } from "./pace.ts";
import * as rows from "./rows.ts";
import type { JobRow, JobTables } from "./tables.ts";

/** The most jobs of a kind that a node runs at once. The rest is left to other nodes, and no kind waits for another. */
const MOST = 10;
/** Milliseconds for which changes are collected before one event tells the live streams of all of them. */
const PACE = 100;

type Tx = Transaction<JobTables>;
type KindStanding = Standing & { readonly kind: string };

interface Running {
  readonly kind: string;
  readonly attempt: Attempt;
  readonly ended: Promise<void>;
}

export class Runner {
  readonly #host: JobHost;
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #queue: Queue<JobRow>;
  readonly #running = new Map<string, Running>();
  readonly #changed = new Set<string>();

  constructor(host: JobHost, kinds: ReadonlyMap<string, Kind>) {
    this.#host = host;
    this.#kinds = kinds;
    const { broker, logger, db } = host;
    this.#queue = new Queue(
      { broker, logger },
      {
        next: () => this.#next(),
        claim: () => this.#claim(),
        work: async (row) => this.#run(row),
        // A node on standby leaves jobs to other nodes.
        limit: () => (isStandby(broker) ? 0 : MOST),
        // Obsolete are all leases of an embedded database, which has one process; elsewhere only this node's own.
        release: () => this.#drop(db.dialect === "sqlite" ? null : broker.nodeID),
      },
    );
  }

  async start(): Promise<void> {
    this.#host.broker.localBus.on("$node.disconnected", this.#inherit);
    await this.#queue.start();
  }

  /** Jobs under way are told to end, and begin again on another node unless they have ended here. */
  async stop(): Promise<void> {
    this.#host.broker.localBus.off("$node.disconnected", this.#inherit);
    await this.#queue.stop();
    for (const { attempt } of this.#running.values()) attempt.stop();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** @param delay milliseconds until a job is due */
  wake(delay = 0): void {
    this.#queue.wake(now() + delay);
  }

  /** The job was taken from whoever runs it. Another node notices when it renews its lease. */
  taken(id: string): void {
    this.#running.get(id)?.attempt.lose();
    this.#tell(id);
  }

  /** In the time of this node, though the times in the database are of its clock. */
  async #next(): Promise<{ at: number | null }> {
    const known = await this.#host.db.all(rows.standing, { now: now() });
    const pauses = known.flatMap((one) => {
      const kind = this.#kinds.get(one.kind);
      // When a job of the kind ends here, the queue is woken.
      const at = kind && this.#room(one.kind) > 0 ? nextOf(kind.definition, one) : null;
      return at === null ? [] : [Math.max(0, at - one.clock)];
    });
    return { at: pauses.length === 0 ? null : now() + Math.min(...pauses) };
  }

  #room(kind: string): number {
    return MOST - [...this.#running.values()].filter((one) => one.kind === kind).length;
  }

  /** Claims take turns, since a limit of a kind is one of all nodes. */
  #claim(): Promise<JobRow[]> {
    return this.#host.db.write(async (tx) => {
      tx.lock("jobs");
      const claimed: JobRow[] = [];
      for (const one of await tx.all(rows.standing, { now: now() })) {
        const definition = this.#kinds.get(one.kind)?.definition;
        if (definition) claimed.push(...(await this.#take(tx, one, definition)));
      }
      return claimed;
    });
  }

  async #take(tx: Tx, standing: KindStanding, definition: JobDefinition): Promise<JobRow[]> {
    const { kind, clock: time } = standing;
    const limit = Math.min(allowed(definition, standing), this.#room(kind));
    if (limit <= 0 || (nextOf(definition, standing) ?? Infinity) > time) return [];
    const owner = this.#host.broker.nodeID;
    const taken = await tx.all(rows.take, { kind, now: time, lease_until: time + LEASE, owner, limit });
    if (definition.rate !== undefined)
      tx.add(rows.setReady.with({ kind, ready_at: readyAfter(definition.rate, standing, taken.length) }));
    return taken;
  }

  #run(row: JobRow): void {
    const { id, kind } = row;
    const attempt = new Attempt(this.#host, row, this.#kinds.get(kind)!, () => this.#tell(id));
    const ended = attempt
      .run()
      .catch((error: Error) => this.#host.logger.warn(`The end of ${kind} ${id} was not stored: ${error.message}`))
      .then(() => {
        // A job that was claimed again meanwhile runs again.
        if (this.#running.get(id)?.attempt === attempt) this.#running.delete(id);
        this.#queue.wake();
      });
    this.#running.set(id, { kind, attempt, ended });
    this.#tell(id);
  }

  /** A hint for live streams, which read the job themselves. It may be lost without harm. */
  #tell(id: string): void {
    const { broker, name } = this.#host;
    if (this.#changed.size === 0)
      setTimeout(() => {
        void broker.broadcast("live.changed", { subjects: [...this.#changed] });
        this.#changed.clear();
      }, PACE).unref();
    this.#changed.add(`${name}:${id}`);
  }

  #drop(owner: string | null): Promise<number> {
    return this.#host.db.run(rows.dropLeases, { owner, now: now() });
  }

  /** Ends the leases of a dead node before their time. Several nodes may do so at once. */
  #inherit = ({ node }: { node: { id: string } }): void => {
    this.#drop(node.id)
      .then(() => this.#queue.wake())
      .catch((error: Error) => this.#host.logger.warn(`The jobs of ${node.id} keep their leases: ${error.message}`));
  };
}
