/** A saga in the memory of a node: objects, which become text only when they are written. */
import type { Reason } from "./definition.ts";
import type { SagaRow } from "./tables.ts";

/** A step that was begun, and its outcome. */
export interface Entry {
  readonly step: string;
  readonly direction: SagaRow["direction"];
  /** Index of the step. */
  readonly position: number;
  readonly state: "started" | "done" | "refused" | "failed" | "waiting";
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly detail: string | null;
}

/** The part that changes with a move. */
interface Moving {
  /** Results of the steps so far, by step; results of compensations under `<step>:undo`. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly log: readonly Entry[];
  /** Why it is undone. */
  readonly reason: Reason | null;
}

export interface SagaState extends Omit<SagaRow, "input" | keyof Moving>, Moving {
  /** The input of a saga is constant, and no move writes it. */
  readonly input: unknown;
}

export const stateOf = ({ input, results, log, reason, ...row }: SagaRow): SagaState => ({
  ...row,
  input: JSON.parse(input) as unknown,
  results: JSON.parse(results) as Moving["results"],
  log: JSON.parse(log) as Moving["log"],
  reason: reason === null ? null : (JSON.parse(reason) as Reason),
});

/** The columns that a move writes. */
export const movedRow = ({ results, log, reason, ...state }: SagaState) => ({
  ...state,
  results: JSON.stringify(results),
  log: JSON.stringify(log),
  reason: reason && JSON.stringify(reason),
});

export const newRow = (state: SagaState): SagaRow => ({ ...movedRow(state), input: JSON.stringify(state.input) });
