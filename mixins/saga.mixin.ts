/**
 * Orchestrated sagas (Garcia-Molina and Salem, 1987): adds `this.saga`. A saga is a row that moves through its steps;
 * whichever node holds its lease moves it, and when that node dies another goes on.
 *
 * @example
 * mixins: [database<OrderTables>(…), outbox(), saga(placeOrder)],
 * // begun in the transaction that makes the order, run when that is durable:
 * await this.db.write((tx) => this.saga.begin(tx, { id, userId, correlationId, input }));
 * await this.saga.settled(id, 5000);
 */
import { setTimeout as sleep } from "node:timers/promises";
import { now } from "#core/clock.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import { isStandby } from "#core/standby.ts";
import type { AnyTransaction } from "./database/database.ts";
import type { Reason, SagaDefinition } from "./saga/definition.ts";
import { Engine, type SagaHost } from "./saga/engine.ts";
import * as journal from "./saga/journal.ts";
import { entriesOf, type Entry } from "./saga/log.ts";
import { LEASE } from "./saga/moves.ts";
import type { SagaRow, Status } from "./saga/tables.ts";
import { Worker } from "./worker.ts";

export { type Reason, type Run, type SagaDefinition, Waiting } from "./saga/definition.ts";
export type { Entry } from "./saga/log.ts";
export { addSagaLog, addSagaOwner, createSagas, type SagaTables } from "./saga/tables.ts";

interface Start<Input> {
  readonly id: string;
  readonly userId: string;
  readonly correlationId: string;
  readonly input: Input;
  /** Milliseconds that steps before the pivot may take, waiting included. */
  readonly patience: number;
}

/** A saga that has not ended. */
interface Begun<Input> {
  readonly id: string;
  readonly input: Input;
}

export interface Saga<Input> {
  /** Begins it with the change `tx`; it runs once that is durable. */
  begin(tx: AnyTransaction, start: Start<Input>): Promise<void>;
  /**
   * Resolves when the saga has ended or waits for somebody, or after `budget` milliseconds, whichever node runs it.
   * Answers where it stands then, which is `active` only when the budget is used up.
   */
  settled(id: string, budget: number): Promise<Status | undefined>;
  /** Asks a waiting step again, once `tx` is durable. */
  wake(tx: AnyTransaction, id: string): Promise<void>;
  /** Undoes all that was done, whether it has completed or not. */
  undo(tx: AnyTransaction, id: string, reason: Reason): Promise<void>;
  /** Goes on with a parked saga; false when it is not parked. */
  retry(tx: AnyTransaction, id: string): Promise<boolean>;
  /** Ends a parked saga by hand, which means what that end always means; false when it is not parked. */
  close(tx: AnyTransaction, id: string, status: "completed" | "compensated", reason?: Reason): Promise<boolean>;
  find(id: string): Promise<SagaRow | undefined>;
  /** What this person's sagas were begun with that have not ended; parked ones are left out. */
  unfinished(userId: string): Promise<readonly Begun<Input>[]>;
  /** Every step that was begun, and how it went. */
  steps(id: string): Promise<readonly Entry[]>;
}

/** Taken together; what is left others may take. */
const CLAIM = 50;
/**
 * Sagas that a node runs at most before it takes more. Each needs a connection for some milliseconds per step, so that
 * many make an ordinary request wait a tenth of a second for one of eight; the rest of a step is spent in other services.
 */
export const MOST = 200;
/** Longest pause between two looks at a saga that another node runs, milliseconds. */
const LOOK = 50;

class Sagas<Input> implements Saga<Input> {
  readonly #host: SagaHost;
  readonly #engine: Engine<Input>;
  readonly #worker: Worker;
  readonly #node: string;
  readonly #running = new Map<string, Promise<Status | undefined>>();
  /** Held by this node, though nobody runs them: their last move could not be stored. */
  readonly #stranded = new Set<SagaRow>();

  constructor(host: SagaHost, definition: SagaDefinition<Input, never>) {
    this.#host = host;
    this.#node = host.broker.nodeID;
    this.#engine = new Engine(host, definition);
    this.#worker = new Worker(host.logger, () => this.#takeDue(), { idle: 100 });
  }

  async start(): Promise<void> {
    const { db, broker } = this.#host;
    // An embedded database has one process: whoever held a lease before is gone. Elsewhere only our own past is.
    if (db.dialect === "sqlite") await db.run(journal.dropLeases, {});
    else await db.run(journal.dropLeasesOf, { owner: this.#node });
    broker.localBus.on("$node.disconnected", this.#inherit);
    this.#worker.wake();
  }

  async stop(): Promise<void> {
    this.#host.broker.localBus.off("$node.disconnected", this.#inherit);
    await this.#worker.stop();
    await Promise.allSettled(this.#running.values());
  }

  async begin(tx: AnyTransaction, { id, userId, correlationId, input, patience }: Start<Input>): Promise<void> {
    const saga: SagaRow = {
      id,
      user_id: userId,
      correlation_id: correlationId,
      status: "active",
      direction: "forward",
      step: 0,
      attempt: 0,
      input: JSON.stringify(input),
      results: "{}",
      log: "[]",
      reason: null,
      deadline: now() + patience,
      next_at: now(),
      lease_until: now() + LEASE,
      owner: this.#node,
      epoch: 1,
    };
    const begun = await this.#engine.begin(tx, saga);
    tx.afterCommit(() => this.#run(begun));
  }

  async settled(id: string, budget: number): Promise<Status | undefined> {
    const deadline = performance.now() + budget;
    for (let pause = 5; ; pause = Math.min(2 * pause, LOOK)) {
      const remaining = deadline - performance.now();
      const running = this.#running.get(id);
      // What this node runs need not be looked at again and again. Where it stands only the row knows: it may have been
      // turned round just as it ended.
      if (running) await within(running, remaining);
      const status = (await this.find(id))?.status;
      if (status !== "active" || remaining <= 0) return status;
      if (!running) await sleep(Math.min(pause, remaining));
    }
  }

  async wake(tx: AnyTransaction, id: string): Promise<void> {
    if (await tx.run(journal.wakeSaga, { id, next_at: now() })) tx.afterCommit(() => this.#worker.wake());
  }

  async undo(tx: AnyTransaction, id: string, reason: Reason): Promise<void> {
    // Asked twice, it is undone once.
    await tx.run(journal.turnSaga, { id, reason: JSON.stringify(reason), next_at: now() });
    tx.afterCommit(() => this.#worker.wake());
  }

  async retry(tx: AnyTransaction, id: string): Promise<boolean> {
    tx.afterCommit(() => this.#worker.wake());
    return (await tx.run(journal.retrySaga, { id, next_at: now() })) > 0;
  }

  close(tx: AnyTransaction, id: string, status: "completed" | "compensated", reason?: Reason): Promise<boolean> {
    return this.#engine.close(tx, id, status, reason);
  }

  find(id: string): Promise<SagaRow | undefined> {
    return this.#host.db.one(journal.findSaga, { id });
  }

  async unfinished(userId: string): Promise<readonly Begun<Input>[]> {
    const rows = await this.#host.db.all(journal.unfinishedOf, { user_id: userId });
    return rows.map(({ id, input }) => ({ id, input: JSON.parse(input) as Input }));
  }

  async steps(id: string): Promise<readonly Entry[]> {
    const saga = await this.find(id);
    return saga ? entriesOf(saga) : [];
  }

  /** A node is gone: its sagas need not wait for the end of its leases. Several nodes may do this at once. */
  #inherit = ({ node }: { node: { id: string } }): void => {
    this.#host.db
      .run(journal.dropLeasesOf, { owner: node.id })
      .then(() => this.#worker.wake())
      .catch((error: Error) => this.#host.logger.warn(`The sagas of ${node.id} keep their leases: ${error.message}`));
  };

  #run(saga: SagaRow): void {
    const running = this.#engine
      .run(saga)
      .then(({ status }) => status)
      .catch((error: Error): undefined => {
        this.#stranded.add(saga);
        this.#host.logger.error(`The saga ${saga.id} stopped: ${error.message}`);
      })
      .finally(() => {
        // Taken anew in the meantime, it runs again.
        if (this.#running.get(saga.id) === running) this.#running.delete(saga.id);
        // There is room for as many as are taken together.
        if (this.#running.size === MOST - CLAIM) this.#worker.wake();
      });
    this.#running.set(saga.id, running);
  }

  /** Takes over what is due and nobody holds: retries, waiting sagas to be asked again, and sagas of dead nodes. */
  async #takeDue(): Promise<boolean> {
    await this.#letGo();
    // A node that stands by leaves them to the others.
    if (isStandby(this.#host.broker)) return false;
    const limit = Math.min(CLAIM, MOST - this.#running.size);
    if (limit <= 0) return false;
    const time = now();
    if (!(await this.#host.db.one(journal.anyDue, { now: time }))) return false;
    const taking = { now: time, lease_until: time + LEASE, owner: this.#node, limit };
    const taken = await this.#host.db.write((tx) => tx.all(journal.takeDue, taking));
    for (const saga of taken) this.#run(saga);
    return taken.length === limit;
  }

  /** Else they would wait for the end of their leases after storage has recovered. */
  async #letGo(): Promise<void> {
    const stranded = [...this.#stranded];
    if (stranded.length === 0) return;
    await this.#host.db.write(async (tx) => {
      for (const saga of stranded) await tx.run(journal.releaseSaga, saga);
    });
    for (const saga of stranded) this.#stranded.delete(saga);
  }
}

/** What `promise` resolves to, or undefined after so many milliseconds. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), Math.max(0, milliseconds));
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}

type Host = SagaHost & { readonly saga?: Sagas<unknown> };

export function saga<Input>(definition: SagaDefinition<Input, never>): Mixin<{ readonly saga: Saga<Input> }> {
  return mixin<{ readonly saga: Saga<Input> }, Host>({
    async started() {
      const sagas = new Sagas(this, definition);
      addName(this, "saga", sagas);
      await sagas.start();
    },
    async stopped() {
      await this.saga?.stop();
    },
  });
}
