/** The log of a saga: every step that was begun, and its outcome. It is part of the saga's row. */
import { timestamp } from "#core/clock.ts";
import type { Entry, SagaState } from "./state.ts";

/** Records that the present step begins, or begins again. */
export function begun(saga: SagaState, steps: readonly { readonly name: string }[]): SagaState {
  const { direction, step: position } = saga;
  const first: Entry = {
    step: steps[position]!.name,
    direction,
    position,
    state: "started",
    startedAt: timestamp(),
    endedAt: null,
    detail: null,
  };
  const before = atHand(saga);
  return withEntry(saga, before ? { ...before, state: "started" } : first);
}

/** Records the outcome of the present step; does nothing when the step was never begun. */
export function ended(saga: SagaState, state: Entry["state"], detail: string | null = null): SagaState {
  const entry = atHand(saga);
  return entry ? withEntry(saga, { ...entry, state, endedAt: timestamp(), detail }) : saga;
}

/** False when a step that was begun has been renamed or removed since. */
export const fits = (saga: SagaState, steps: readonly { readonly name: string }[]): boolean =>
  saga.log.every(({ step, position }) => steps[position]?.name === step);

const isAtHand = ({ direction, step }: SagaState, entry: Entry): boolean =>
  entry.direction === direction && entry.position === step;

const atHand = (saga: SagaState): Entry | undefined => saga.log.find((entry) => isAtHand(saga, entry));

function withEntry(saga: SagaState, entry: Entry): SagaState {
  const others = saga.log.filter((other) => !isAtHand(saga, other));
  return { ...saga, log: [...others, entry] };
}
