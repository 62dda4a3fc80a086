/**
 * Where sagas go on that nobody holds: those of a node that died, those to retry, and those that waited. A node claims
 * what is due, with a lease.
 */
import { now } from "#core/clock.ts";
import { isStandby } from "../node/standby.ts";
import { Queue } from "../queue/queue.ts";
import type { SagaHost } from "./engine.ts";
import * as journal from "./journal.ts";
import { leaseUntil } from "./lease.ts";
import { type SagaState, stateOf } from "./state.ts";
import type { SagaRow } from "./tables.ts";

/** The most sagas that are claimed together. The rest is left to other nodes. */
export const CLAIM = 50;

interface Runner {
  readonly run: (saga: SagaState) => void;
  /** How many more sagas this node may run. */
  readonly room: () => number;
}

export class Takeover {
  readonly #host: SagaHost;
  readonly #queue: Queue<SagaRow>;
  /** Sagas that this node holds but does not run, because their last move could not be stored. */
  readonly #stranded = new Set<SagaState>();

  constructor(host: SagaHost, { nextDue, takeDue }: ReturnType<typeof journal.journalOf>, { run, room }: Runner) {
    this.#host = host;
    const { db, broker, logger } = host;
    const owner = broker.nodeID;
    this.#queue = new Queue(
      { broker, logger },
      {
        next: async () => {
          await this.#letGo();
          const { free, later } = (await db.one(nextDue, { now: now() }))!;
          return { at: Math.min(free ?? Infinity, later ?? Infinity) };
        },
        claim: (limit) => {
          const taking = { now: now(), lease_until: leaseUntil(), owner, limit };
          return db.write((tx) => tx.all(takeDue, taking));
        },
        work: async (row) => run(stateOf(row)),
        // A node on standby leaves sagas to other nodes.
        limit: () => (isStandby(broker) ? 0 : Math.min(CLAIM, room())),
        // Obsolete are all leases of an embedded database, which has one process; elsewhere only this node's own.
        release: () =>
          db.dialect === "sqlite" ? db.run(journal.dropLeases, {}) : db.run(journal.dropLeasesOf, { owner }),
      },
    );
  }

  async start(): Promise<void> {
    await this.#queue.start();
    this.#host.broker.localBus.on("$node.disconnected", this.#inherit);
  }

  async stop(): Promise<void> {
    this.#host.broker.localBus.off("$node.disconnected", this.#inherit);
    await this.#queue.stop();
  }

  /** @param at when a saga is due, in milliseconds since the epoch; the default is now */
  wake(at?: number): void {
    this.#queue.wake(at);
  }

  /** Releases the saga as soon as storage has recovered. Otherwise it would wait for the end of its lease. */
  strand(saga: SagaState): void {
    this.#stranded.add(saga);
  }

  async #letGo(): Promise<void> {
    const stranded = [...this.#stranded];
    if (stranded.length === 0) return;
    await this.#host.db.write(async (tx) => tx.add(...stranded.map((saga) => journal.releaseSaga.with(saga))));
    for (const saga of stranded) this.#stranded.delete(saga);
  }

  /** Releases the sagas of a dead node before their leases end. Several nodes may do so at once. */
  #inherit = ({ node }: { node: { id: string } }): void => {
    this.#host.db
      .run(journal.dropLeasesOf, { owner: node.id })
      .then(() => this.#queue.wake())
      .catch((error: Error) => this.#host.logger.warn(`The sagas of ${node.id} keep their leases: ${error.message}`));
  };
}
