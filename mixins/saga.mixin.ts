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
import { now } from "#core/clock.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { AnyTransaction } from "./database/database.ts";
import type { Reason, SagaDefinition } from "./saga/definition.ts";
import { Engine, type SagaHost } from "./saga/engine.ts";
import * as journal from "./saga/journal.ts";
import type { SagaRow, StepRow } from "./saga/journal.ts";
import { LEASE } from "./saga/moves.ts";
import { Worker } from "./worker.ts";

export { createSagas, type SagaTables, type StepRow } from "./saga/journal.ts";
export { type Reason, type Run, type SagaDefinition, Waiting } from "./saga/definition.ts";

interface Start<Input> {
  readonly id: string;
  readonly userId: string;
  readonly correlationId: string;
  readonly input: Input;
  /** Milliseconds that steps before the pivot may take, waiting included. */
  readonly patience: number;
}

export interface Saga<Input> {
  /** Begins it with the change `tx`; it runs once that is durable. */
  begin(tx: AnyTransaction, start: Start<Input>): Promise<void>;
  /** Resolves when the saga has ended or waits for somebody, or after `budget` milliseconds. */
  settled(id: string, budget: number): Promise<void>;
  /** Asks a waiting step again, once `tx` is durable. */
  wake(tx: AnyTransaction, id: string): Promise<void>;
  /** Undoes all that was done, whether it has completed or not. */
  undo(tx: AnyTransaction, id: string, reason: Reason): Promise<void>;
  /** Goes on with a parked saga; false when it is not parked. */
  retry(tx: AnyTransaction, id: string): Promise<boolean>;
  /** Ends a parked saga by hand, which means what that end always means; false when it is not parked. */
  close(tx: AnyTransaction, id: string, status: "completed" | "compensated", reason?: Reason): Promise<boolean>;
  find(id: string): Promise<SagaRow | undefined>;
  /** Every step that was begun, and how it went. */
  steps(id: string): Promise<readonly StepRow[]>;
}

const CLAIM = 50;

class Sagas<Input> implements Saga<Input> {
  readonly #host: SagaHost;
  readonly #engine: Engine<Input>;
  readonly #worker: Worker;
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #listeners = new Map<string, Set<() => void>>();
  /** Held by this node, though nobody runs them: their last move could not be stored. */
  readonly #stranded = new Set<SagaRow>();

  constructor(host: SagaHost, definition: SagaDefinition<Input, never>) {
    this.#host = host;
    this.#engine = new Engine(host, definition);
    this.#worker = new Worker(host.logger, () => this.#takeDue(), { idle: 100 });
  }

  async start(): Promise<void> {
    // An embedded database has one process: whoever held a lease before is gone.
    if (this.#host.db.dialect === "sqlite") await this.#host.db.write((tx) => tx.run(journal.dropLeases, {}));
    this.#worker.wake();
  }

  async stop(): Promise<void> {
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
      reason: null,
      deadline: now() + patience,
      next_at: now(),
      lease_until: now() + LEASE,
      epoch: 1,
    };
    await this.#engine.begin(tx, saga);
    tx.afterCommit(() => this.#run(saga));
  }

  async settled(id: string, budget: number): Promise<void> {
    const { promise: settled, resolve } = Promise.withResolvers<void>();
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(resolve));
    const timer = setTimeout(resolve, budget);
    // It may have come to rest before anybody listened.
    if ((await this.find(id))?.status !== "active") resolve();
    await settled;
    clearTimeout(timer);
    listeners.delete(resolve);
    if (listeners.size === 0) this.#listeners.delete(id);
  }

  async wake(tx: AnyTransaction, id: string): Promise<void> {
    if (await tx.run(journal.wakeSaga, { id, next_at: now() })) tx.afterCommit(() => this.#worker.wake());
  }

  async undo(tx: AnyTransaction, id: string, reason: Reason): Promise<void> {
    const saga = await tx.one(journal.findSaga, { id });
    // Asked twice, it is undone once.
    if (saga?.direction === "forward") await this.#redirect(tx, id, "backward", reason);
  }

  async retry(tx: AnyTransaction, id: string): Promise<boolean> {
    const saga = await tx.one(journal.findSaga, { id });
    if (saga?.status !== "parked") return false;
    await this.#redirect(tx, id, saga.direction, saga.reason ? (JSON.parse(saga.reason) as Reason) : null);
    return true;
  }

  close(tx: AnyTransaction, id: string, status: "completed" | "compensated", reason?: Reason): Promise<boolean> {
    return this.#engine.close(tx, id, status, reason);
  }

  find(id: string): Promise<SagaRow | undefined> {
    return this.#host.db.one(journal.findSaga, { id });
  }

  steps(id: string): Promise<readonly StepRow[]> {
    return this.#host.db.all(journal.listSteps, { id });
  }

  async #redirect(
    tx: AnyTransaction,
    id: string,
    direction: SagaRow["direction"],
    reason: Reason | null,
  ): Promise<void> {
    await tx.run(journal.redirectSaga, { id, direction, reason: reason && JSON.stringify(reason), next_at: now() });
    tx.afterCommit(() => this.#worker.wake());
  }

  #run(saga: SagaRow): void {
    const running = this.#engine
      .run(saga)
      .then(({ id, status }) => {
        if (status !== "active") this.#settle(id);
      })
      .catch((error: Error) => {
        this.#stranded.add(saga);
        this.#host.logger.error(`The saga ${saga.id} stopped: ${error.message}`);
      })
      .finally(() => this.#running.delete(saga.id));
    this.#running.set(saga.id, running);
  }

  #settle(id: string): void {
    for (const settle of this.#listeners.get(id) ?? []) settle();
  }

  /** Takes over what is due and nobody holds: retries, waiting sagas to be asked again, and sagas of dead nodes. */
  async #takeDue(): Promise<boolean> {
    await this.#letGo();
    const due = await this.#host.db.all(journal.dueSagas, { now: now(), limit: CLAIM });
    const taking = due.filter(({ id }) => !this.#running.has(id)).map((saga) => this.#take(saga));
    const taken = await Promise.all(taking);
    return taken.length === CLAIM && taken.every(Boolean);
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

  async #take({ id, epoch }: SagaRow): Promise<boolean> {
    const time = now();
    const taking = { id, epoch, now: time, lease_until: time + LEASE };
    const taken = await this.#host.db.write((tx) => tx.one(journal.takeSaga, taking));
    if (taken) this.#run(taken);
    return taken !== undefined;
  }
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
