/** What a service does with its sagas. */
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
  /** Milliseconds that steps before the pivot may take, waiting included. */
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
  /** What the saga's end answered, when it was this node that has just ended it. */
  readonly outcome?: unknown;
}

export interface Saga<Input> {
  /** Begins it with the change that makes what it is about; it runs once that is durable. */
  begin(start: Start<Input>): Write;
  /**
   * Resolves when the saga has ended or waits for somebody, or after `budget` milliseconds, whichever node runs it.
   * Answers where it stands then, which is `active` only when the budget is used up.
   */
  settled(id: string, budget: number): Promise<Standing>;
  /** Asks a waiting step again, once that is durable. */
  wake(id: string): Write;
  /** Undoes all that was done, whether it has completed or not. */
  undo(id: string, reason: Reason): Write;
  /** Goes on with a parked saga; false when it is not parked. */
  retry(tx: AnyTransaction, id: string): Promise<boolean>;
  /** Ends a parked saga by hand, which means what that end always means; false when it is not parked. */
  close(tx: AnyTransaction, id: string, status: "completed" | "compensated", reason?: Reason): Promise<boolean>;
  /** Writes what it was begun with anew, for what must not be kept any longer. */
  redact(tx: AnyTransaction, id: string, change: (input: Input) => Input): Promise<void>;
  find(id: string): Promise<SagaState | undefined>;
  /** What this person's sagas were begun with that have not ended; parked ones are left out. */
  unfinished(userId: string): Promise<readonly Begun<Input>[]>;
  /** Every step that was begun, and how it went. */
  steps(id: string): Promise<readonly Entry[]>;
}
