/**
 * Explores every way that a saga can go, breadth first: each outcome of each step, crashes, requests that arrive late, the end
 * of its patience, cancellations and retries. The moves are those of the product; the world around them is a few booleans. Ends
 * by hand are left out: there a person says what is true.
 */
import type { Step } from "#mixins/saga/definition.ts";
import * as moves from "#mixins/saga/moves.ts";
import type { SagaState } from "#mixins/saga/state.ts";
import { dueSaga } from "../fixtures/saga-row.ts";

type Steps = readonly Step<never>[];

interface State {
  readonly saga: SagaState;
  /** By step: it has happened and is not undone. */
  readonly done: readonly boolean[];
  /** By step: it was undone, so that it cannot happen any more. */
  readonly undone: readonly boolean[];
  /** By step: a request is still on its way. */
  readonly late: readonly boolean[];
  readonly isCancelled: boolean;
}

type Next = readonly [what: string, state: State];

type Rules = typeof moves;

interface Options {
  readonly steps: Steps;
  /** Others than the product's, to see that they would be found. */
  readonly rules?: Partial<Rules>;
  /** The saga's input, by which steps may be passed over. */
  readonly input?: unknown;
  /** Which step's undo takes back a step that has none of its own. */
  readonly undoneBy?: Readonly<Record<string, string>>;
  /** A part of the fault that is looked for. The default is the nearest one. */
  readonly fault?: string;
}

/** The shortest way to a state that must not be, or that leads to no end. */
export interface Broken {
  readonly what: string;
  readonly path: readonly string[];
}

export interface Explored {
  readonly states: number;
  readonly ends: ReadonlySet<string>;
  readonly broken: Broken | undefined;
}

/** Failures in a row after which the saga is parked: few, so that there are not more states than needed. */
const ATTEMPTS = 2;
const NEVER = 1e15;
const OWNER = "node";
const reason = { code: "REASON", message: "" };

const begun = (steps: Steps, input: unknown): State => {
  const nothing = steps.map(() => false);
  return {
    saga: { ...dueSaga(""), input, deadline: NEVER, owner: OWNER },
    done: nothing,
    undone: nothing,
    late: nothing,
    isCancelled: false,
  };
};

/** Times differ from run to run, and an epoch counts only as the first or a later one. */
const settled = (saga: SagaState): SagaState => ({
  ...saga,
  attempt: Math.min(saga.attempt, ATTEMPTS),
  next_at: saga.next_at && 0,
  lease_until: 0,
  epoch: Math.min(saga.epoch, 2),
});

const keyOf = ({ saga: { status, direction, step, attempt, deadline, epoch }, ...world }: State): string =>
  JSON.stringify([status, direction, step, attempt, deadline, epoch, Object.values(world)]);

class Explorer {
  readonly #steps: Steps;
  readonly #rules: Rules;
  /** By step: the step whose undo takes it back. */
  readonly #undoers: readonly number[];
  readonly #fault: string;
  readonly #input: unknown;

  constructor({ steps, input = {}, undoneBy = {}, rules, fault = "" }: Options) {
    this.#fault = fault;
    this.#input = input;
    this.#steps = steps;
    this.#rules = { ...moves, ...rules };
    const indexOf = (wanted: string) => steps.findIndex(({ name }) => name === wanted);
    this.#undoers = steps.map(({ name }, index) => (name in undoneBy ? indexOf(undoneBy[name]!) : index));
  }

  run(): Explored {
    const first = begun(this.#steps, this.#input);
    const found = new Map<string, { readonly state: State; readonly from: string; readonly what: string }>();
    const ways = new Map<string, string[]>();
    const ends = new Set<string>();
    const pathTo = (key: string): string[] => {
      const { from, what } = found.get(key)!;
      return from === "" ? [] : [...pathTo(from), what];
    };
    found.set(keyOf(first), { state: first, from: "", what: "" });
    // Entries that are added meanwhile are come to as well.
    for (const [key, { state }] of found) {
      const what = this.#faultOf(state);
      if (what?.includes(this.#fault)) return { states: found.size, ends, broken: { what, path: pathTo(key) } };
      if (isEnd(state)) ends.add(state.saga.status);
      for (const [step, next] of this.#nexts(state)) {
        const nextKey = keyOf(next);
        if (!found.has(nextKey)) found.set(nextKey, { state: next, from: key, what: step });
        ways.set(nextKey, [...(ways.get(nextKey) ?? []), key]);
      }
    }
    const lost = this.#endless(found, ways);
    const broken = lost === undefined ? undefined : { what: "leads to no end", path: pathTo(lost) };
    return { states: found.size, ends, broken };
  }

  /** A state from which it can neither complete nor be undone, also when somebody has it go on. */
  #endless(found: ReadonlyMap<string, { state: State }>, ways: ReadonlyMap<string, string[]>): string | undefined {
    const isOver = ({ saga }: State) => saga.status === "completed" || saga.status === "compensated";
    const good = new Set([...found].filter(([, { state }]) => isOver(state)).map(([key]) => key));
    for (const key of good) for (const from of ways.get(key) ?? []) good.add(from);
    return [...found.keys()].find((key) => !good.has(key));
  }

  /** What must not be. */
  #faultOf({ saga, done }: State): string | undefined {
    const isNeeded = ({ when }: Steps[number]) => when?.(this.#input as never) ?? true;
    const namesOf = (wanted: boolean) =>
      this.#steps.filter((step, index) => done[index] === wanted && isNeeded(step)).map(({ name }) => name);
    if (saga.status === "completed" && namesOf(false).length > 0) return `completed without ${namesOf(false).join()}`;
    if (saga.status === "compensated" && namesOf(true).length > 0)
      return `compensated, but for ${namesOf(true).join()}`;
    return undefined;
  }

  *#nexts(state: State): Iterable<Next> {
    const { saga, late, undone, isCancelled } = state;
    for (const [index, { name }] of this.#steps.entries())
      if (late[index]) {
        const arrived = undone[index] ? state : this.#happens(state, index);
        yield [`${name} arrives late`, { ...arrived, late: late.with(index, false) }];
      }
    if (saga.deadline === NEVER) yield ["its patience ends", moved(state, { ...saga, deadline: 0 })];
    if (!isCancelled && saga.direction === "forward" && saga.status !== "compensated") yield* this.#cancelled(state);
    if (saga.status === "parked")
      yield ["somebody has it go on", moved(state, { ...saga, status: "active", attempt: 0, owner: OWNER, epoch: 2 })];
    if (saga.status === "waiting") yield ["it is asked again", taken(state)];
    if (saga.status === "active") yield* saga.direction === "forward" ? this.#forward(state) : this.#backward(state);
  }

  /** As the SQL of the journal does. */
  *#cancelled(state: State): Iterable<Next> {
    const { saga, late } = state;
    const turned: SagaState = { ...saga, direction: "backward", status: "active", attempt: 0, owner: OWNER, epoch: 2 };
    const cancelled = { ...moved(state, turned), isCancelled: true };
    yield ["it is cancelled", cancelled];
    if (saga.status === "active")
      yield [
        `it is cancelled while ${this.#nameOf(saga)} is on its way`,
        { ...cancelled, late: late.with(saga.step, true) },
      ];
  }

  *#forward(state: State): Iterable<Next> {
    const { saga, late } = state;
    const rules = this.#rules;
    const name = this.#nameOf(saga);
    const happened = this.#happens(state, saga.step);
    const underWay = { ...state, late: late.with(saga.step, true) };
    const unknown = rules.afterUnknown(saga, this.#steps, reason, ATTEMPTS);
    const waiting = rules.isGivenUp(saga, this.#steps) ? unknown : rules.waiting(saga, this.#steps);
    yield [`${name} is done`, moved(happened, rules.afterStep(saga, this.#steps))];
    // Also one that has happened: what it asks others for anew may be refused.
    yield [`${name} is refused`, moved(state, rules.afterRefusal(saga, this.#steps, reason, false))];
    // The first of two attempts was not answered, and the second is refused.
    const repeated = rules.afterRefusal(saga, this.#steps, reason, true);
    yield [`${name} is refused when its call is repeated`, moved(underWay, repeated)];
    yield [`${name} has happened, and is refused when its call is repeated`, moved(happened, repeated)];
    yield [`${name} waits`, moved(state, waiting)];
    yield [`${name} waits, and has happened`, moved(happened, waiting)];
    yield* this.#afterwards(`${name} fails`, moved(state, unknown));
    yield* this.#afterwards(`${name} happens, and its answer is lost`, moved(happened, unknown));
    yield* this.#afterwards(`${name} is not answered in time`, moved(underWay, unknown));
    yield [`${name} needs a person`, moved(state, rules.parked(saga))];
    yield [`${name} has happened, and needs a person`, moved(happened, rules.parked(saga))];
    yield [`the node dies before ${name}`, taken(state)];
    yield [`the node dies after ${name}`, taken(happened)];
    yield [`the node dies while ${name} is on its way`, taken(underWay)];
  }

  *#backward(state: State): Iterable<Next> {
    const rules = this.#rules;
    const saga = rules.toUndo(state.saga, this.#steps);
    if (saga.status === "compensated") {
      yield ["nothing is left to undo", moved(state, saga)];
      return;
    }
    const name = this.#nameOf(saga);
    const undone = this.#undo(state, saga.step);
    const failed = rules.afterFailure(saga, ATTEMPTS);
    yield [`${name} is undone`, moved(undone, rules.afterUndo(saga, this.#steps))];
    yield* this.#afterwards(`undoing ${name} fails`, moved(state, failed));
    yield* this.#afterwards(`${name} is undone, and the answer is lost`, moved(undone, failed));
    yield [`undoing ${name} needs a person`, moved(state, rules.parked(saga))];
    yield [`the node dies before it undoes ${name}`, taken(state)];
    yield [`the node dies after it undid ${name}`, taken(undone)];
  }

  /**
   * A failure turns the saga back, and its owner goes on; or it releases the saga for a pause, and any node claims it afterwards.
   * Storing the release may take longer than the pause: then its owner goes on as well, if the rules allow it.
   */
  *#afterwards(what: string, state: State): Iterable<Next> {
    const isReleased = state.saga.owner === null;
    yield [what, isReleased ? taken(state) : state];
    if (isReleased && this.#rules.isGoing(state.saga)) yield [`${what}, and its owner goes on after the pause`, state];
  }

  #nameOf({ step }: SagaState): string {
    return this.#steps[step]!.name;
  }

  #happens(state: State, step: number): State {
    return { ...state, done: state.done.with(step, true) };
  }

  #undo(state: State, by: number): State {
    const isUndone = (index: number) => this.#undoers[index] === by;
    return {
      ...state,
      done: state.done.map((one, index) => one && !isUndone(index)),
      undone: state.undone.map((one, index) => one || isUndone(index)),
    };
  }
}

const moved = (state: State, saga: SagaState): State => ({ ...state, saga: settled(saga) });

/** Another node takes the saga over. A saga that has ended or is parked is not taken. */
const taken = (state: State): State =>
  state.saga.next_at === null ? state : moved(state, { ...state.saga, status: "active", owner: OWNER, epoch: 2 });

const isEnd = ({ saga: { status } }: State): boolean =>
  status === "completed" || status === "compensated" || status === "parked";

export const explore = (options: Options): Explored => new Explorer(options).run();
