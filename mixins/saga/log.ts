/** What a saga has done: every step that was begun, and how it went. It is part of the saga's row. */
import { timestamp } from "#core/clock.ts";
import type { SagaRow } from "./tables.ts";

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

export const entriesOf = ({ log }: Pick<SagaRow, "log">): readonly Entry[] => JSON.parse(log) as Entry[];

/** The step at hand begins, or begins again. */
export function begun(saga: SagaRow, steps: readonly { readonly name: string }[]): SagaRow {
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

/** How the step at hand went; nothing when it was never begun. */
export function ended(saga: SagaRow, state: Entry["state"], detail: string | null = null): SagaRow {
  const entry = atHand(saga);
  return entry ? withEntry(saga, { ...entry, state, endedAt: timestamp(), detail }) : saga;
}

/** False when a step that it has begun is called otherwise by now, or is there no more. */
export const fits = (saga: SagaRow, steps: readonly { readonly name: string }[]): boolean =>
  entriesOf(saga).every(({ step, position }) => steps[position]?.name === step);

const isAtHand = ({ direction, step }: SagaRow, entry: Entry): boolean =>
  entry.direction === direction && entry.position === step;

const atHand = (saga: SagaRow): Entry | undefined => entriesOf(saga).find((entry) => isAtHand(saga, entry));

function withEntry(saga: SagaRow, entry: Entry): SagaRow {
  const others = entriesOf(saga).filter((other) => !isAtHand(saga, other));
  return { ...saga, log: JSON.stringify([...others, entry]) };
}
