/** Where a saga goes next: pure functions from its state to the one that follows. */
import { now } from "#core/clock.ts";
import type { Reason, Step } from "./definition.ts";
import type { SagaState } from "./state.ts";

/**
 * Milliseconds that a node may hold a saga without a sign of life: each move renews it, and so does a step that takes
 * long. It only decides when nobody has seen the owner go. Nodes compare it with clocks of their own: one that is some
 * seconds wrong takes a saga too early or too late, which the epoch makes harmless.
 */
export const LEASE = 10_000;
/** After so many failures in a row a person must look; with the back-off below that is some five minutes. */
const ATTEMPTS = 70;
const backOff = (attempt: number): number => Math.min(100 * 2 ** attempt, 5000);
/** Waiting sagas that have no timer are asked again by themselves, in case a wake-up was lost. */
const recheck = (attempt: number): number => Math.min(1000 * 2 ** attempt, 60_000);

type Steps = readonly Step<never>[];

/** At rest: nobody holds it, and nobody takes it. */
const resting = { next_at: null, lease_until: 0, owner: null } as const;
/** Its owner goes on at once: it was due before, and what is in an index stays, so that the row can stay in its page. */
const going = () => ({ attempt: 0, lease_until: now() + LEASE });

/** The step at hand is done; after the last one the saga is. */
export const afterStep = (saga: SagaState, steps: Steps): SagaState =>
  saga.step === steps.length - 1
    ? { ...saga, status: "completed", attempt: 0, ...resting }
    : { ...saga, step: saga.step + 1, ...going() };

/**
 * Waiting is not failing: it lengthens the pause, and uses up no patience.
 * @param until when the step is asked again, milliseconds since the epoch; before the pivot at the end of its patience at the
 *   latest, so that it is given up then
 */
export function waiting(saga: SagaState, steps: Steps, until?: number): SagaState {
  const attempt = Math.min(saga.attempt + 1, 6);
  const soon = now() + recheck(attempt);
  const latest = isBeforePivot(saga, steps) ? Math.max(saga.deadline + 1, soon) : Infinity;
  const next_at = Math.min(until ?? soon, latest);
  return { ...saga, status: "waiting", attempt, next_at, lease_until: 0, owner: null };
}

/** The step at hand was refused. Nothing happened at it if it was asked once: only an owner that never let go knows that. */
export const afterRefusal = (saga: SagaState, steps: Steps, reason: Reason): SagaState =>
  turnedBack(saga, steps, saga.epoch === 1 ? saga.step - 1 : saga.step, reason);

/** The step at hand may have happened: it is asked again, or before the pivot and after the deadline undone too. */
export const afterUnknown = (saga: SagaState, steps: Steps, reason: Reason, attempts?: number): SagaState =>
  isGivenUp(saga, steps) ? turnedBack(saga, steps, saga.step, reason) : afterFailure(saga, attempts);

export const parked = (saga: SagaState): SagaState => ({ ...saga, status: "parked", ...resting });

/** Tried again after a pause, or parked when that has gone on for too long. */
export function afterFailure(saga: SagaState, attempts = ATTEMPTS): SagaState {
  const attempt = saga.attempt + 1;
  if (attempt >= attempts) return parked({ ...saga, attempt });
  return { ...saga, attempt, next_at: now() + backOff(attempt), lease_until: 0, owner: null };
}

/** @param last the last step whose effect must be undone */
const turnedBack = (saga: SagaState, steps: Steps, last: number, reason: Reason): SagaState =>
  toUndo({ ...saga, step: last, direction: "backward", reason, ...going() }, steps);

/** The step at hand is undone. */
export const afterUndo = (saga: SagaState, steps: Steps): SagaState =>
  toUndo({ ...saga, step: saga.step - 1, ...going() }, steps);

/** The nearest step at or before this one that has something to undo; none left means the saga is undone. */
export function toUndo(saga: SagaState, steps: Steps): SagaState {
  const step = steps.findLastIndex(({ undo }, index) => undo && index <= saga.step);
  return step >= 0 ? { ...saga, step } : { ...saga, step, status: "compensated", ...resting };
}

/** Ended by hand. Completed means that every step counts as done, so that a later undo begins at the last one. */
export const closed = (saga: SagaState, steps: Steps, status: "completed" | "compensated"): SagaState =>
  status === "completed" ? { ...saga, status, direction: "forward", step: steps.length - 1 } : { ...saga, status };

function isBeforePivot({ step }: SagaState, steps: Steps): boolean {
  const pivot = steps.findIndex((one) => one.pivot);
  return pivot < 0 || step < pivot;
}

/** Out of time before the pivot; past it nothing is given up. */
export const isGivenUp = (saga: SagaState, steps: Steps): boolean =>
  isBeforePivot(saga, steps) && now() > saga.deadline;
