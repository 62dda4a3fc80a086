/** Runs sagas step by step: every move is journalled before it counts, and fenced by the owner's epoch. */
import type { Service } from "moleculer";
import { now, timestamp } from "#core/clock.ts";
import { workContext } from "#core/context.ts";
import { isRefusal } from "#core/errors.ts";
import type { Database, Transaction } from "../database/database.ts";
import { type Reason, type Run, type SagaDefinition, Waiting } from "./definition.ts";
import * as journal from "./journal.ts";
import type { SagaRow, SagaTables } from "./journal.ts";

type Tx = Transaction<SagaTables>;
export type SagaHost = Service & { readonly db: Database<SagaTables> };

/** Longer than any step may take: each move renews it. */
export const LEASE = 30_000;
/** After so many failures in a row a person must look; with the back-off below that is some five minutes. */
const ATTEMPTS = 70;
const backOff = (attempt: number): number => Math.min(100 * 2 ** attempt, 5000);
/** Waiting sagas are asked again by themselves, in case a wake-up was lost. */
const recheck = (attempt: number): number => Math.min(1000 * 2 ** attempt, 60_000);

/** The saga has another owner now; its old owner just lets go. */
class Fenced extends Error {}

export class Engine<Input> {
  readonly #host: SagaHost;
  readonly #definition: SagaDefinition<Input>;

  constructor(host: SagaHost, definition: SagaDefinition<Input, never>) {
    this.#host = host;
    this.#definition = definition as unknown as SagaDefinition<Input>;
  }

  /** Moves the saga until it ends, must wait, or is to be tried again later. Returns where it stands. */
  async run(row: SagaRow): Promise<SagaRow> {
    let saga = row;
    try {
      while (saga.status === "active" && saga.next_at !== null && saga.next_at <= now()) {
        saga = await this.#step(saga);
      }
    } catch (error) {
      if (!(error instanceof Fenced)) throw error;
    }
    return saga;
  }

  /** Journals the first step; belongs to the transaction that makes what the saga is about. */
  async begin(tx: Tx, saga: SagaRow): Promise<void> {
    await tx.run(journal.insertSaga, saga);
    await this.#startStep(tx, saga);
  }

  /** Ends a parked saga by hand; false when it is not parked. */
  async close(tx: Tx, id: string, status: "completed" | "compensated", reason?: Reason): Promise<boolean> {
    const saga = await tx.one(journal.findSaga, { id });
    if (!saga || (await tx.run(journal.closeSaga, { id, status })) === 0) return false;
    const { completed, compensated } = this.#definition;
    if (status === "completed") await completed.call(this.#host, tx, this.#describe(saga));
    else await compensated.call(this.#host, tx, this.#describe(saga), reason ?? reasonOf(saga));
    return true;
  }

  /** An outcome that cannot be recorded, because the service's part of it fails, counts as a failure too. */
  async #step(saga: SagaRow): Promise<SagaRow> {
    try {
      return await (saga.direction === "forward" ? this.#forward(saga) : this.#backward(saga));
    } catch (error) {
      if (error instanceof Fenced) throw error;
      return this.#later(saga, describeReason(error));
    }
  }

  async #forward(saga: SagaRow): Promise<SagaRow> {
    const step = this.#definition.steps[saga.step]!;
    const run = this.#describe(saga, step.name);
    let result: unknown;
    try {
      result = await step.do(run);
    } catch (error) {
      return isRefusal(error) ? this.#refused(saga, error) : this.#unknown(saga, error);
    }
    return result instanceof Waiting ? this.#wait(saga, result) : this.#done(saga, result);
  }

  #done(saga: SagaRow, result: unknown): Promise<SagaRow> {
    const { steps, completed } = this.#definition;
    const results = this.#withResult(saga, result);
    const last = saga.step === steps.length - 1;
    const next: SagaRow = last
      ? { ...saga, status: "completed", results, attempt: 0, next_at: null, lease_until: 0 }
      : { ...saga, step: saga.step + 1, results, attempt: 0, next_at: now(), lease_until: now() + LEASE };
    return this.#move(saga, next, "done", null, (tx) =>
      last ? completed.call(this.#host, tx, this.#describe(next)) : this.#startStep(tx, next),
    );
  }

  /** Nothing happened at this step if it was asked once: only an owner that never let go knows that. */
  #refused(saga: SagaRow, error: unknown): Promise<SagaRow> {
    const last = saga.epoch === 1 ? saga.step - 1 : saga.step;
    return this.#turnBack({ ...saga, step: last }, saga, "refused", describeReason(error));
  }

  /** It may have happened: ask again, or before the pivot and after the deadline undo it too. */
  #unknown(saga: SagaRow, error: unknown): Promise<SagaRow> {
    const reason = describeReason(error);
    if (!this.#pastPivot(saga) && now() > saga.deadline) return this.#turnBack(saga, saga, "failed", reason);
    return this.#later(saga, reason);
  }

  #wait(saga: SagaRow, { detail, result }: Waiting): Promise<SagaRow> {
    if (!this.#pastPivot(saga) && now() > saga.deadline) {
      return this.#turnBack(saga, saga, "failed", { code: "EXPIRED", message: "It took too long.", status: 409 });
    }
    // Waiting is not failing: it lengthens the pause, and uses up no patience.
    const attempt = Math.min(saga.attempt + 1, 6);
    const results = this.#withResult(saga, result);
    const next: SagaRow = {
      ...saga,
      status: "waiting",
      attempt,
      results,
      next_at: now() + recheck(attempt),
      lease_until: 0,
    };
    return this.#move(saga, next, "waiting", detail, async (tx) =>
      this.#definition.waiting?.call(this.#host, tx, this.#describe(next)),
    );
  }

  #withResult(saga: SagaRow, result: unknown): string {
    if (result == null) return saga.results;
    return JSON.stringify({ ...JSON.parse(saga.results), [this.#definition.steps[saga.step]!.name]: result });
  }

  /** @param from the last step whose effect must be undone */
  #turnBack(from: SagaRow, saga: SagaRow, state: journal.StepRow["state"], reason: Reason): Promise<SagaRow> {
    const turned: SagaRow = {
      ...from,
      direction: "backward",
      attempt: 0,
      reason: JSON.stringify(reason),
      next_at: now(),
      lease_until: now() + LEASE,
    };
    const next = this.#skipToUndo(turned);
    return this.#move(saga, next, state, reason.code, (tx) => this.#afterUndo(tx, next));
  }

  async #backward(saga: SagaRow): Promise<SagaRow> {
    const pending = this.#skipToUndo(saga);
    // Turned round by somebody else (a cancellation): the undo at hand is not journalled yet.
    if (pending.status !== "active") return this.#move(saga, pending, null, null, (tx) => this.#afterUndo(tx, pending));
    const step = this.#definition.steps[pending.step]!;
    if (saga.attempt === 0) await this.#host.db.write((tx) => this.#startStep(tx, pending));
    try {
      await step.undo!(this.#describe(pending, `${step.name}:undo`));
    } catch (error) {
      return this.#later(pending, describeReason(error));
    }
    const next = this.#skipToUndo({
      ...pending,
      step: pending.step - 1,
      attempt: 0,
      next_at: now(),
      lease_until: now() + LEASE,
    });
    return this.#move(pending, next, "done", null, (tx) => this.#afterUndo(tx, next));
  }

  /** The nearest step at or before this one that has something to undo; none left means the saga is undone. */
  #skipToUndo(saga: SagaRow): SagaRow {
    const { steps } = this.#definition;
    let { step } = saga;
    while (step >= 0 && !steps[step]!.undo) step -= 1;
    return step >= 0 ? { ...saga, step } : { ...saga, step, status: "compensated", next_at: null, lease_until: 0 };
  }

  async #afterUndo(tx: Tx, saga: SagaRow): Promise<void> {
    if (saga.status !== "compensated") return;
    await this.#definition.compensated.call(this.#host, tx, this.#describe(saga), reasonOf(saga));
  }

  /** Tries again after a pause, or parks the saga when that has gone on for too long. */
  #later(saga: SagaRow, reason: Reason): Promise<SagaRow> {
    const attempt = saga.attempt + 1;
    if (attempt >= (this.#definition.attempts ?? ATTEMPTS)) {
      const parked: SagaRow = { ...saga, status: "parked", attempt, next_at: null, lease_until: 0 };
      return this.#move(saga, parked, "failed", reason.code, (tx) =>
        this.#definition.parked.call(this.#host, tx, this.#describe(parked), reason),
      );
    }
    const next: SagaRow = { ...saga, attempt, next_at: now() + backOff(attempt), lease_until: 0 };
    return this.#move(saga, next, "failed", reason.code);
  }

  /** One transaction: the outcome of the step at hand, the new state, and what else belongs to it. */
  async #move(
    saga: SagaRow,
    next: SagaRow,
    state: journal.StepRow["state"] | null,
    detail: string | null,
    also?: (tx: Tx) => Promise<void>,
  ): Promise<SagaRow> {
    await this.#host.db.write(async (tx) => {
      if ((await tx.run(journal.moveSaga, next)) === 0) throw new Fenced();
      if (state) {
        const { id: saga_id, direction, step: position } = saga;
        await tx.run(journal.endStep, { saga_id, direction, position, state, ended_at: timestamp(), detail });
      }
      await also?.(tx);
    });
    return next;
  }

  async #startStep(tx: Tx, { id, direction, step }: SagaRow): Promise<void> {
    const { name } = this.#definition.steps[step]!;
    await tx.run(journal.startStep, { saga_id: id, direction, position: step, step: name, started_at: timestamp() });
  }

  #pastPivot({ step }: SagaRow): boolean {
    const pivot = this.#definition.steps.findIndex((one) => one.pivot);
    return pivot >= 0 && step >= pivot;
  }

  #describe(saga: SagaRow, step = ""): Run<Input> {
    return {
      id: saga.id,
      input: JSON.parse(saga.input) as Input,
      results: JSON.parse(saga.results) as Record<string, unknown>,
      ctx: workContext(this.#host, saga.user_id, saga.correlation_id),
      key: `${saga.id}:${step}`,
    };
  }
}

export const reasonOf = ({ reason }: SagaRow): Reason =>
  reason ? (JSON.parse(reason) as Reason) : { code: "UNKNOWN", message: "No reason was given.", status: 500 };

function describeReason(error: unknown): Reason {
  const { type, code, message, data } = error as { type?: string; code?: unknown; message: string; data?: unknown };
  return {
    code: type ?? "INTERNAL_ERROR",
    message,
    status: typeof code === "number" ? code : 500,
    ...(data ? { data } : {}),
  };
}
