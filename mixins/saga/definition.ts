/** What a saga is made of: steps in order, what undoes each, and what its ends mean. */
import type { Service } from "moleculer";
import type { Ctx } from "#core/context.ts";
import type { Write } from "../database/write.ts";

/** A saga at one of its steps. */
export interface Run<Input> {
  readonly id: string;
  readonly input: Input;
  /** Results of the steps so far, by step; those of undoing them by `<step>:undo`. */
  readonly results: Readonly<Record<string, unknown>>;
  /** Works for the user the saga belongs to. */
  readonly ctx: Ctx<null>;
  /** Names this step of this saga: the same at every attempt, so the called service takes effect once. */
  readonly key: string;
}

/** Returned by a step that must wait for somebody; it is asked again when woken, and now and then. */
export class Waiting {
  readonly detail: string;
  readonly result: unknown;
  readonly until: number | undefined;
  /**
   * @param result what is known so far, kept among the results of the saga
   * @param until a timer: when the step is asked again unless somebody wakes it before, milliseconds since the epoch;
   *   without it, now and then
   */
  constructor(detail: string, result?: unknown, until?: number) {
    this.detail = detail;
    this.result = result;
    this.until = until;
  }
}

export interface Step<Input> {
  readonly name: string;
  /** From here on a failure no longer gives up: the step is retried until it is done or refused. */
  readonly pivot?: boolean;
  /**
   * Must be idempotent by `run.key`. An answer that is a refusal (4xx) undoes the saga; any other failure leaves the
   * outcome unknown, and the step is asked again.
   */
  readonly do: (run: Run<Input>) => Promise<unknown>;
  /** Must be a no-op for what never happened, and must keep a late arrival of the step from taking effect. */
  readonly undo?: (run: Run<Input>) => Promise<unknown>;
}

/** Why a saga was undone or parked. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

/** What the end of a saga changes in the service that owns it, in one transaction with the outcome of its last step. */
export interface Ending {
  readonly writes: readonly Write[];
  /** The result for a caller that waits for the saga, if the saga ended on the node of that caller. */
  readonly answer?: unknown;
}

export interface SagaDefinition<Input, Host = Service> {
  /**
   * Raised whenever steps are added, removed, renamed or reordered. A saga goes on by the definition that it was begun with,
   * so the one before stays beside it until no saga of that version is under way or parked, and none can be undone any more.
   */
  readonly version: number;
  readonly steps: readonly Step<Input>[];
  /** Failures in a row after which a person must look; 70 unless told. */
  readonly attempts?: number;
  /** Codes of answers after which trying again and undoing would both be wrong: a person must look at once. */
  readonly parks?: readonly string[];
  completed: (this: Host, run: Run<Input>) => Ending;
  compensated: (this: Host, run: Run<Input>, reason: Reason) => Ending;
  /** A step waits for somebody: what changes with that. */
  waiting?: (this: Host, run: Run<Input>) => readonly Write[];
  /** It keeps failing, and a person must look: what changes with that. */
  parked: (this: Host, run: Run<Input>, reason: Reason) => readonly Write[];
}
