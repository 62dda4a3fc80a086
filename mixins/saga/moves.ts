/** Decides the next state of a saga, by pure functions of its present state. */
import { now } from "#core/clock.ts";
import type { Reason, Step } from "./definition.ts";
import { leaseUntil } from "./lease.ts";
import type { SagaState } from "./state.ts";

/** After so many consecutive failures a person must look. With the back-off below, that takes some five minutes. */
const ATTEMPTS = 70;
const backOff = (attempt: number): number => Math.min(100 * 2 ** attempt, 5000);
/** Waiting sagas without a timer are retried at intervals, because a wake-up may be lost. */
const recheck = (attempt: number): number => Math.min(1000 * 2 ** attempt, 60_000);

type Steps = readonly Step<never>[];

/** At rest: nobody holds the saga, and nobody claims it. */
const resting = { next_at: null, lease_until: 0, owner: null } as const;
/**
 * Its owner continues at once. The due time stays as it was, because a change of an indexed column would move the row
 * to another page.
 */
const going = () => ({ attempt: 0, lease_until: leaseUntil() });

/**
 * True while this node owns the saga and may go on with it. A saga that was released for a pause is no longer its own,
 * even if storing that took longer than the pause: it has to be claimed again, which tells it from one that never failed.
 */
export const isGoing = ({ status, owner, next_at }: SagaState): boolean =>
  status === "active" && owner !== null && next_at !== null && next_at <= now();

/** True when this saga needs the step. */
const isNeeded = ({ input }: SagaState, { when }: Steps[number]): boolean => when?.(input as never) ?? true;

/** The present step is done; after the last step that it needs the saga is completed. */
export function afterStep(saga: SagaState, steps: Steps): SagaState {
  const next = steps.findIndex((step, index) => index > saga.step && isNeeded(saga, step));
  return next < 0 ? { ...saga, status: "completed", attempt: 0, ...resting } : { ...saga, step: next, ...going() };
}

/**
 * Waiting is no failure: it lengthens the pause, but does not count as an attempt.
 * @param until when the step is executed again, in milliseconds since the epoch; before the pivot at the end of the
 * saga's patience at the latest, so that it is then undone
 */
export function waiting(saga: SagaState, steps: Steps, until?: number): SagaState {
  const attempt = Math.min(saga.attempt + 1, 6);
  const soon = now() + recheck(attempt);
  const latest = isBeforePivot(saga, steps) ? Math.max(saga.deadline + 1, soon) : Infinity;
  const next_at = Math.min(until ?? soon, latest);
  return { ...saga, status: "waiting", attempt, next_at, lease_until: 0, owner: null };
}

/**
 * The present step was refused. If it was executed once only, it had no effect. Only an owner that never released the
 * saga can know that, and only if its call was not repeated.
 */
export const afterRefusal = (saga: SagaState, steps: Steps, reason: Reason, isRepeated: boolean): SagaState =>
  turnedBack(saga, steps, saga.epoch === 1 && !isRepeated ? saga.step - 1 : saga.step, reason);

/**
 * The outcome of the present step is unknown. It is retried, or before the pivot and after the deadline, undone too.
 */
export const afterUnknown = (saga: SagaState, steps: Steps, reason: Reason, attempts?: number): SagaState =>
  isGivenUp(saga, steps) ? turnedBack(saga, steps, saga.step, reason) : afterFailure(saga, attempts);

export const parked = (saga: SagaState): SagaState => ({ ...saga, status: "parked", ...resting });

/** Retried after a pause, or parked after too many failures. */
export function afterFailure(saga: SagaState, attempts = ATTEMPTS): SagaState {
  const attempt = saga.attempt + 1;
  if (attempt >= attempts) return parked({ ...saga, attempt });
  return { ...saga, attempt, next_at: now() + backOff(attempt), lease_until: 0, owner: null };
}

/** @param last the last step whose effect must be undone */
const turnedBack = (saga: SagaState, steps: Steps, last: number, reason: Reason): SagaState =>
  toUndo({ ...saga, step: last, direction: "backward", reason, ...going() }, steps);

/** The present step is undone. */
export const afterUndo = (saga: SagaState, steps: Steps): SagaState =>
  toUndo({ ...saga, step: saga.step - 1, ...going() }, steps);

/** The nearest step at or before this one that has a compensation and is needed. When none is left, the saga is undone. */
export function toUndo(saga: SagaState, steps: Steps): SagaState {
  const step = steps.findLastIndex((step, index) => step.undo && index <= saga.step && isNeeded(saga, step));
  return step >= 0 ? { ...saga, step } : { ...saga, step, status: "compensated", ...resting };
}

/**
 * Ended by hand. `completed` means that every step counts as done, so that a later cancellation begins with the last
 * one.
 */
export const closed = (saga: SagaState, steps: Steps, status: "completed" | "compensated"): SagaState =>
  status === "completed" ? { ...saga, status, direction: "forward", step: steps.length - 1 } : { ...saga, status };

function isBeforePivot({ step }: SagaState, steps: Steps): boolean {
  const pivot = steps.findIndex((one) => one.pivot);
  return pivot < 0 || step < pivot;
}

/** True when the time before the pivot is over. After the pivot, nothing is given up. */
export const isGivenUp = (saga: SagaState, steps: Steps): boolean =>
  isBeforePivot(saga, steps) && now() > saga.deadline;
