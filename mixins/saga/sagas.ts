/** The sagas of one service on this node: begun here, awaited here, or taken over from other nodes. */
import { setTimeout as sleep } from "node:timers/promises";
import { now } from "#core/clock.ts";
import { sharedError } from "#core/errors.ts";
import { observe } from "../bus/figures.ts";
import type { AnyTransaction } from "../database/database.ts";
import type { Write } from "../database/write.ts";
import type { Reason, SagaDefinition } from "./definition.ts";
import { Engine, type Moved, type SagaHost } from "./engine.ts";
import * as journal from "./journal.ts";
import { leaseUntil } from "./lease.ts";
import type { Begun, Saga, Standing, Start } from "./saga.ts";
import { type Entry, newRow, type SagaState, stateOf } from "./state.ts";
import { CLAIM, Takeover } from "./takeover.ts";

/**
 * The most sagas that a node runs before it claims more. Each step needs a connection for some milliseconds, so this
 * many delay an ordinary request by a tenth of a second.
 */
export const MOST = 200;
/** The longest pause, in milliseconds, between two checks of a saga that another node runs. */
const LOOK = 50;

/** A saga that this node moves. */
interface Running {
  /** Its state after this node has moved it as far as possible; undefined when that could not be stored. */
  readonly ended: Promise<Moved | undefined>;
  /** A cancellation has reversed it since, so only its row holds its state. */
  isTurned: boolean;
}

export class Sagas<Input> implements Saga<Input> {
  readonly #host: SagaHost;
  /** The engines by the versions of their definitions. */
  readonly #engines: ReadonlyMap<number, Engine<Input>>;
  /** Sagas that begin on this node have this version. */
  readonly #version: number;
  readonly #known: ReturnType<typeof journal.journalOf>;
  readonly #takeover: Takeover;
  readonly #running = new Map<string, Running>();
  readonly #observed: (() => void)[] = [];

  /** @param definitions newest first */
  constructor(host: SagaHost, definitions: readonly [SagaDefinition<Input, never>, ...SagaDefinition<Input, never>[]]) {
    this.#host = host;
    const versions = definitions.map(({ version }) => version);
    if (versions.some((version, index) => index > 0 && version >= versions[index - 1]!))
      throw new Error(
        `The definitions of a saga have the versions ${versions.join()}: name each once, the newest first.`,
      );
    this.#version = definitions[0].version;
    this.#engines = new Map(definitions.map((definition) => [definition.version, new Engine(host, definition)]));
    this.#known = journal.journalOf(versions);
    this.#takeover = new Takeover(host, this.#known, {
      run: (saga) => this.#run(saga),
      room: () => MOST - this.#running.size,
    });
  }

  async start(): Promise<void> {
    const { db } = this.#host;
    await this.#takeover.start();
    for (const version of this.#engines.keys())
      this.#observe(`${version}`, () => db.one(journal.countUnfinished, { version }));
    this.#observe("unknown", () => db.one(this.#known.countUnknown, {}));
  }

  #observe(version: string, count: () => Promise<{ count: number | null } | undefined>): void {
    const { broker, name } = this.#host;
    const labels = `service="${name}",version="${version}"`;
    const ask = async () => [(await count())?.count ?? 0];
    this.#observed.push(observe(broker, labels, ["madang_sagas_unfinished"], ask));
  }

  async stop(): Promise<void> {
    for (const end of this.#observed) end();
    await this.#takeover.stop();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  begin({ id, userId, correlationId, input, patience }: Start<Input>): Write {
    const saga = this.#engines.get(this.#version)!.begun({
      id,
      user_id: userId,
      correlation_id: correlationId,
      version: this.#version,
      status: "active",
      direction: "forward",
      step: 0,
      attempt: 0,
      input,
      results: {},
      log: [],
      reason: null,
      deadline: now() + patience,
      next_at: now(),
      lease_until: leaseUntil(),
      owner: this.#host.broker.nodeID,
      epoch: 1,
    });
    return { ...journal.insertSaga.with(newRow(saga)), afterCommit: () => this.#run(saga) };
  }

  async settled(id: string, budget: number): Promise<Standing> {
    const deadline = performance.now() + budget;
    for (let pause = 5; ; pause = Math.min(2 * pause, LOOK)) {
      const remaining = deadline - performance.now();
      const running = this.#running.get(id);
      // A saga that this node runs reports its end by itself.
      const end = running && (await within(running.ended, remaining));
      if (end && end.saga.status !== "active" && !running.isTurned)
        return { status: end.saga.status, outcome: end.outcome };
      const status = (await this.find(id))?.status;
      if (status !== "active" || remaining <= 0) return { status };
      if (!running) await sleep(Math.min(pause, remaining));
    }
  }

  wake(id: string): Write {
    return { ...journal.wakeSaga.with({ id, next_at: now() }), afterCommit: () => this.#takeover.wake() };
  }

  undo(id: string, reason: Reason): Write {
    const afterCommit = () => {
      const running = this.#running.get(id);
      if (running) running.isTurned = true;
      this.#takeover.wake();
    };
    // Two cancellations undo it once.
    return { ...journal.turnSaga.with({ id, reason: JSON.stringify(reason), next_at: now() }), afterCommit };
  }

  async retry(tx: AnyTransaction, id: string): Promise<boolean> {
    if (!(await this.#parked(tx, id))) return false;
    tx.afterCommit(() => this.#takeover.wake());
    return (await tx.run(journal.retrySaga, { id, next_at: now() })) > 0;
  }

  async close(tx: AnyTransaction, id: string, status: "completed" | "compensated", reason?: Reason): Promise<boolean> {
    const saga = await this.#parked(tx, id);
    return saga !== undefined && this.#engines.get(saga.version)!.close(tx, saga, status, reason);
  }

  /** Answers undefined when it is not parked. @throws SERVICE_UNAVAILABLE when another release must continue it */
  async #parked(tx: AnyTransaction, id: string): Promise<SagaState | undefined> {
    const saga = await tx.one(journal.findSaga, { id });
    if (saga?.status !== "parked") return undefined;
    if (!this.#engines.has(saga.version)) throw sharedError("SERVICE_UNAVAILABLE");
    return stateOf(saga);
  }

  async redact(tx: AnyTransaction, id: string, change: (input: Input) => Input): Promise<void> {
    const saga = await tx.one(journal.findSaga, { id });
    if (saga) tx.add(journal.setInput.with({ id, input: JSON.stringify(change(JSON.parse(saga.input) as Input)) }));
  }

  async handOver(tx: AnyTransaction, id: string, userId: string, change: (input: Input) => Input): Promise<void> {
    tx.add(journal.setUser.with({ id, user_id: userId }));
    await this.redact(tx, id, change);
  }

  async find(id: string, tx?: AnyTransaction): Promise<SagaState | undefined> {
    const row = await (tx ?? this.#host.db).one(journal.findSaga, { id });
    return row && stateOf(row);
  }

  async unfinished(userId: string): Promise<readonly Begun<Input>[]> {
    const rows = await this.#host.db.all(journal.unfinishedOf, { user_id: userId });
    return rows.map(({ id, input }) => ({ id, input: JSON.parse(input) as Input }));
  }

  async steps(id: string): Promise<readonly Entry[]> {
    return (await this.find(id))?.log ?? [];
  }

  #run(saga: SagaState): void {
    const ended = this.#engines
      .get(saga.version)!
      .run(saga)
      .catch((error: Error): undefined => {
        this.#takeover.strand(saga);
        this.#host.logger.error(`The saga ${saga.id} stopped: ${error.message}`);
      })
      .then((moved) => {
        // A saga that was claimed again meanwhile runs again.
        if (this.#running.get(saga.id) === running) this.#running.delete(saga.id);
        // There is room again for as many as are claimed together.
        if (!moved || this.#running.size === MOST - CLAIM) this.#takeover.wake();
        else if (moved.saga.next_at !== null) this.#takeover.wake(moved.saga.next_at);
        return moved;
      });
    const running: Running = { ended, isTurned: false };
    this.#running.set(saga.id, running);
  }
}

/** The result of `promise`, or undefined after this many milliseconds. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), Math.max(0, milliseconds));
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}
