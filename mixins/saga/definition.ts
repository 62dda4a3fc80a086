/** The parts of a saga: steps in order, the compensation of each, and the effects of its ends. */
import type { Service } from "moleculer";
import type { Ctx } from "#core/context.ts";
import type { AnyTransaction } from "../database/database.ts";
import type { Write } from "../database/write.ts";

/** A saga at one of its steps. */
export interface Run<Input> {
  readonly id: string;
  readonly input: Input;
  /** Results of the steps so far, by step; results of compensations under `<step>:undo`. */
  readonly results: Readonly<Record<string, unknown>>;
  /** A context on behalf of the saga's user. */
  readonly ctx: Ctx<null>;
  /**
   * The idempotency key of this step of this saga. It is the same for every attempt, so the called service takes effect
   * once.
   */
  readonly key: string;
}

/** Returned by a step that must wait. The step is executed again when the saga is woken, and at intervals. */
export class Waiting {
  readonly detail: string;
  readonly result: unknown;
  readonly until: number | undefined;
  /**
   * @param result so far, kept among the saga's results
   * @param until a timer: when the step is executed again unless the saga is woken before, in milliseconds since the
   * epoch; without it, at intervals
   */
  constructor(detail: string, result?: unknown, until?: number) {
    this.detail = detail;
    this.result = result;
    this.until = until;
  }
}

export interface Step<Input> {
  readonly name: string;
  /**
   * False for a saga that has no need of the step, which is then passed over without a move of its own. It must depend on the
   * input alone. The first step is never passed over.
   */
  readonly when?: (input: Input) => boolean;
  /** The pivot. After it, a failure no longer undoes the saga: the step is retried until it succeeds or is refused. */
  readonly pivot?: boolean;
  /**
   * Must be idempotent by `run.key`. An answer that is a refusal (4xx) undoes the saga. After any other failure the
   * outcome is unknown, and the step is retried.
   */
  readonly do: (run: Run<Input>) => Promise<unknown>;
  /** Must do nothing when the step never happened, and must prevent a late arrival of the step from taking effect. */
  readonly undo?: (run: Run<Input>) => Promise<unknown>;
}

/** Why a saga was undone or parked. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

/** The change of the owning service when the saga ends, in one transaction with the outcome of its last step. */
export interface Ending {
  readonly writes: readonly Write[];
  /** The result for a caller that waits for the saga on the same node. */
  readonly answer?: unknown;
}

export interface SagaDefinition<Input, Host = Service> {
  /**
   * Increased whenever steps are added, removed, renamed or reordered. A saga continues with the definition with which
   * it began, so the earlier definition stays beside the new one until no saga of that version is under way or parked,
   * and none can be undone any more.
   */
  readonly version: number;
  readonly steps: readonly Step<Input>[];
  /** Consecutive failures after which a person must look. The default is 70. */
  readonly attempts?: number;
  /** Error codes after which both a retry and a compensation would be wrong, so that a person must look at once. */
  readonly parks?: readonly string[];
  /**
   * Both ends may ask questions in the transaction, since what the saga is about may have changed meanwhile. On PostgreSQL it may
   * change once more before the commit, so the writes must fail then: the end is tried again.
   */
  completed: (this: Host, run: Run<Input>, tx: AnyTransaction) => Ending | Promise<Ending>;
  compensated: (this: Host, run: Run<Input>, reason: Reason, tx: AnyTransaction) => Ending | Promise<Ending>;
  /** The change of the service when a step waits. */
  waiting?: (this: Host, run: Run<Input>) => readonly Write[];
  /** The change of the service when the saga is parked for a person. */
  parked: (this: Host, run: Run<Input>, reason: Reason) => readonly Write[];
}
