/** What a saga is made of: steps in order, what undoes each, and what its ends mean. */
import type { Service } from "moleculer";
import type { Ctx } from "#core/context.ts";
import type { AnyTransaction } from "../database/database.ts";

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
  /** @param result what is known so far, kept among the results of the saga */
  constructor(detail: string, result?: unknown) {
    this.detail = detail;
    this.result = result;
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
  readonly status: number;
  readonly data?: unknown;
}

/**
 * One transaction with the step's outcome: what the end of the saga changes in the service that owns it. It asks for all of
 * that at once, see `conclude`. What it answers reaches whoever awaits the saga on the node that has ended it.
 */
type Ending<Input, Host> = (this: Host, tx: AnyTransaction, run: Run<Input>, reason: Reason) => Promise<unknown>;

export interface SagaDefinition<Input, Host = Service> {
  readonly steps: readonly Step<Input>[];
  /** Failures in a row after which a person must look; 70 unless told. */
  readonly attempts?: number;
  /** Codes of answers after which trying again and undoing would both be wrong: a person must look at once. */
  readonly parks?: readonly string[];
  completed: (this: Host, tx: AnyTransaction, run: Run<Input>) => Promise<unknown>;
  /** A step waits for somebody; asks at once, as an end. */
  waiting?: (this: Host, tx: AnyTransaction, run: Run<Input>) => Promise<void>;
  compensated: Ending<Input, Host>;
  /** It keeps failing, and a person must look. */
  parked: Ending<Input, Host>;
}
