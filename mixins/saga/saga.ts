/** The interface through which a service uses its sagas. */
import type { AnyTransaction } from "../database/database.ts";
import type { Write } from "../database/write.ts";
import type { Reason } from "./definition.ts";
import type { Entry, SagaState } from "./state.ts";
import type { Status } from "./tables.ts";

export interface Start<Input> {
  readonly id: string;
  readonly userId: string;
  readonly correlationId: string;
  readonly input: Input;
  /** Milliseconds for the steps before the pivot, including waiting. */
  readonly patience: number;
}

/** A saga that has not ended. */
export interface Begun<Input> {
  readonly id: string;
  readonly input: Input;
}

export interface Standing {
  /** Undefined when there is no such saga. */
  readonly status: Status | undefined;
  /** The result of the saga's end, when this node has just ended it. */
  readonly outcome?: unknown;
}

export interface Saga<Input> {
  /** Begins a saga in the transaction with its subject. It runs after the commit. */
  begin(start: Start<Input>): Write;
  /**
   * Resolves when the saga has ended or waits, or after `budget` milliseconds, on whatever node it runs. Answers its
   * state, which is `active` only when the budget is used up.
   */
  settled(id: string, budget: number): Promise<Standing>;
  /** Executes a waiting step again after the commit. */
  wake(id: string): Write;
  /** Undoes every step, even when the saga is completed. */
  undo(id: string, reason: Reason): Write;
  /** Continues a parked saga; answers false when it is not parked. */
  retry(tx: AnyTransaction, id: string): Promise<boolean>;
  /** Ends a parked saga by hand, with all the effects of that end; answers false when it is not parked. */
  close(tx: AnyTransaction, id: string, status: "completed" | "compensated", reason?: Reason): Promise<boolean>;
  /** Replaces the input of a saga, for data that must not be kept any longer. */
  /** Its work is done on behalf of somebody else from now on. It must be at rest. */
  handOver(tx: AnyTransaction, id: string, userId: string, change: (input: Input) => Input): Promise<void>;
  redact(tx: AnyTransaction, id: string, change: (input: Input) => Input): Promise<void>;
  /** @param tx asks in this transaction; without it, outside of one */
  find(id: string, tx?: AnyTransaction): Promise<SagaState | undefined>;
  /** The inputs of this person's sagas that have not ended, without parked ones. */
  unfinished(userId: string): Promise<readonly Begun<Input>[]>;
  /** Every step that was begun, and its outcome. */
  steps(id: string): Promise<readonly Entry[]>;
}
