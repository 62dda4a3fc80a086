/** Runs sagas step by step. Every move is stored before it counts, and the owner's epoch fences it. */
import type { Service } from "moleculer";
import { workContext } from "#core/context.ts";
import { isError, isRefusal } from "#core/errors.ts";
import type { Database, Transaction } from "../database/database.ts";
import { required } from "../database/write.ts";
import { isUncertain } from "../middlewares/retry.middleware.ts";
import { type Ending, type Reason, type Run, type SagaDefinition, Waiting } from "./definition.ts";
import * as journal from "./journal.ts";
import { holding, leaseUntil } from "./lease.ts";
import * as log from "./log.ts";
import * as moves from "./moves.ts";
import { movedRow, type SagaState } from "./state.ts";
import type { SagaTables } from "./tables.ts";

type Tx = Transaction<SagaTables>;
export type SagaHost = Service & { readonly db: Database<SagaTables> };

/** The state of a saga after a move, and the result of its end when that was its end. */
export interface Moved {
  readonly saga: SagaState;
  readonly outcome?: unknown;
}

/** The saga has another owner now, so this one stops working on it. */
class Fenced extends Error {}

export class Engine<Input> {
  readonly #host: SagaHost;
  readonly #definition: SagaDefinition<Input>;

  constructor(host: SagaHost, definition: SagaDefinition<Input, never>) {
    this.#host = host;
    this.#definition = definition as unknown as SagaDefinition<Input>;
  }

  /** Moves the saga until it ends, must wait, or is to be retried later. */
  async run(saga: SagaState): Promise<Moved> {
    let moved: Moved = { saga };
    try {
      if (!log.fits(saga, this.#definition.steps)) return await this.#later(saga, changed);
      while (moves.isGoing(moved.saga)) moved = await this.#step(moved.saga);
    } catch (error) {
      if (!(error instanceof Fenced)) throw error;
    }
    return moved;
  }

  /** A saga whose first step has begun. */
  begun(saga: SagaState): SagaState {
    return log.begun(saga, this.#definition.steps);
  }

  /** Ends a parked saga by hand; answers false when it is not parked. */
  async close(tx: Tx, saga: SagaState, status: "completed" | "compensated", reason?: Reason): Promise<boolean> {
    const { steps, completed, compensated } = this.#definition;
    if ((await tx.run(journal.closeSaga, moves.closed(saga, steps, status))) === 0) return false;
    const run = this.#describe(saga);
    const { writes } = await (status === "completed"
      ? completed.call(this.#host, run, tx)
      : compensated.call(this.#host, run, reason ?? reasonOf(saga), tx));
    tx.add(...writes);
    return true;
  }

  /**
   * An outcome that cannot be stored, because the service's own part fails, counts as a failure of the step. When
   * storage fails, the move may be stored all the same, so the saga is released and claimed again in its stored state.
   */
  async #step(saga: SagaState): Promise<Moved> {
    try {
      return await (saga.direction === "forward" ? this.#forward(saga) : this.#backward(saga));
    } catch (error) {
      if (error instanceof Fenced || isError(error, "STORAGE_UNAVAILABLE")) throw error;
      return this.#later(saga, describeReason(error));
    }
  }

  async #forward(saga: SagaState): Promise<Moved> {
    const step = this.#definition.steps[saga.step]!;
    const run = this.#describe(saga, step.name);
    let result: unknown;
    try {
      result = await this.#holding(saga, step.do(run));
    } catch (error) {
      if (this.#mustBeSeen(error)) return this.#later(saga, describeReason(error));
      return isRefusal(error) ? this.#refused(saga, error) : this.#unknown(saga, describeReason(error));
    }
    return result instanceof Waiting ? this.#wait(saga, result) : this.#done(saga, result);
  }

  #holding<T>(saga: SagaState, work: Promise<T>): Promise<T> {
    const { db, logger } = this.#host;
    return holding(work, () => {
      db.run(journal.renewLease, { ...saga, lease_until: leaseUntil() }).catch((error: Error) =>
        logger.warn(`The lease of ${saga.id} was not renewed: ${error.message}`),
      );
    });
  }

  #done(saga: SagaState, result: unknown): Promise<Moved> {
    const { steps, completed } = this.#definition;
    const next = moves.afterStep(log.ended(this.#withResult(saga, result), "done"), steps);
    return next.status === "completed"
      ? this.#move(next, (tx) => completed.call(this.#host, this.#describe(next), tx))
      : this.#move(log.begun(next, steps));
  }

  #refused(saga: SagaState, error: unknown): Promise<Moved> {
    const reason = describeReason(error);
    const refused = log.ended(saga, "refused", reason.code);
    return this.#follow(moves.afterRefusal(refused, this.#definition.steps, reason, isUncertain(error)), reason);
  }

  #mustBeSeen(error: unknown): boolean {
    return [changed.code, ...(this.#definition.parks ?? [])].some((code) => isError(error, code));
  }

  #unknown(saga: SagaState, reason: Reason): Promise<Moved> {
    const { steps, attempts } = this.#definition;
    const next = moves.afterUnknown(log.ended(saga, "failed", reason.code), steps, reason, attempts);
    return this.#follow(next, reason);
  }

  #wait(saga: SagaState, { detail, result, until }: Waiting): Promise<Moved> {
    if (moves.isGivenUp(saga, this.#definition.steps)) return this.#unknown(saga, expired);
    const next = moves.waiting(
      log.ended(this.#withResult(saga, result), "waiting", detail),
      this.#definition.steps,
      until,
    );
    const writes = this.#definition.waiting?.call(this.#host, this.#describe(next)) ?? [];
    return this.#move(next, writes.length === 0 ? undefined : () => ({ writes }));
  }

  #withResult(saga: SagaState, result: unknown): SagaState {
    return withResult(saga, this.#definition.steps[saga.step]!.name, result);
  }

  async #backward(saga: SagaState): Promise<Moved> {
    const { steps } = this.#definition;
    const next = moves.toUndo(saga, steps);
    // A cancellation on another node has reversed the saga, and the present compensation is not recorded yet.
    if (next.status !== "active") return this.#follow(next, reasonOf(next));
    const pending = saga.attempt === 0 ? (await this.#move(log.begun(next, steps))).saga : next;
    const step = steps[pending.step]!;
    const name = `${step.name}:undo`;
    let result: unknown;
    try {
      result = await this.#holding(pending, step.undo!(this.#describe(pending, name)));
    } catch (error) {
      return this.#later(pending, describeReason(error));
    }
    return this.#follow(
      moves.afterUndo(log.ended(withResult(pending, name, result), "done"), steps),
      reasonOf(pending),
    );
  }

  #later(saga: SagaState, reason: Reason): Promise<Moved> {
    const failed = log.ended(saga, "failed", reason.code);
    const isSeen = this.#mustBeSeen({ type: reason.code });
    return this.#follow(isSeen ? moves.parked(failed) : moves.afterFailure(failed, this.#definition.attempts), reason);
  }

  /** Stores a move, together with the service's own change when that ends or parks the saga. */
  #follow(next: SagaState, reason: Reason): Promise<Moved> {
    const { compensated, parked } = this.#definition;
    if (next.status === "compensated")
      return this.#move(next, (tx) => compensated.call(this.#host, this.#describe(next), reasonOf(next), tx));
    if (next.status === "parked")
      return this.#move(next, () => ({ writes: parked.call(this.#host, this.#describe(next), reason) }));
    return this.#move(next);
  }

  /** One transaction with the outcome of the present step, the new state, and the writes that belong to it. */
  async #move(next: SagaState, end?: (tx: Tx) => Ending | Promise<Ending>): Promise<Moved> {
    const { db } = this.#host;
    if (!end) {
      if ((await db.run(journal.moveSaga, movedRow(next))) === 0) throw new Fenced();
      return { saga: next };
    }
    const move = required(journal.moveSaga.with(movedRow(next)), () => new Fenced());
    return db.write(async (tx) => {
      const { writes, answer } = await end(tx);
      tx.add(move, ...writes);
      return { saga: next, outcome: answer };
    });
  }

  #describe(saga: SagaState, step = ""): Run<Input> {
    return {
      id: saga.id,
      input: saga.input as Input,
      results: saga.results,
      ctx: workContext(this.#host, saga.user_id, saga.correlation_id),
      key: `${saga.id}:${step}`,
    };
  }
}

function withResult(saga: SagaState, name: string, result: unknown): SagaState {
  return result == null ? saga : { ...saga, results: { ...saga.results, [name]: result } };
}

/** The steps were changed without a new version, so the position of the saga is unknown. */
const changed: Reason = { code: "SAGA_CHANGED", message: "Its definition has other steps than it had." };
const expired: Reason = { code: "EXPIRED", message: "It took too long." };

export const reasonOf = ({ reason }: SagaState): Reason =>
  reason ?? { code: "UNKNOWN", message: "No reason was given." };

function describeReason(error: unknown): Reason {
  const { type, message, data } = error as { type?: string; message: string; data?: unknown };
  return {
    code: type ?? "INTERNAL_ERROR",
    message,
    ...(data ? { data } : {}),
  };
}
