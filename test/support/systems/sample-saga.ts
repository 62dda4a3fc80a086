/** A saga over notes, the participants that its steps work on, and the nodes that run it; everything anew for each spec. */
import { Errors, type ServiceBroker } from "moleculer";
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { implement } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { statements } from "#mixins/database/statement.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { type Run, type Saga, type SagaDefinition, saga } from "#mixins/saga/saga.mixin.ts";
import { saga as sagaBlock } from "#mixins/saga/saga.contract.ts";
import { startBroker } from "./broker.ts";
import { Clock } from "../fixtures/clock.ts";
import { eventually } from "../fixtures/eventually.ts";
import { localService } from "./local-service.ts";
import {
  findNote,
  insertNote,
  migrations,
  note,
  noteContract,
  noteContractWith,
  type NoteTables,
} from "./notes-service.ts";

interface Input {
  readonly text: string;
}
type Host = { db: Database<NoteTables>; saga: Saga<Input> };

const sql = statements<NoteTables>();
const setText = sql((q, p: { id: string; text: string }) =>
  q.updateTable("notes").set({ text: p.text }).where("id", "=", p.id),
);

export const timeout = () => new Errors.MoleculerError("No answer in time.", 504, "REQUEST_TIMEOUT");
export const refusal = () => noteContract.error("LIMIT_REACHED");

/** The services that the saga's steps work on: idempotent, and an undone step cannot arrive late. */
export class Participants {
  readonly done = new Set<string>();
  readonly calls: string[] = [];
  readonly keys: string[] = [];
  readonly runs: Run<Input>[] = [];
  readonly #tombstones = new Set<string>();
  /** What happens at a call, before and after its effect; specs replace them. */
  before: (call: string) => unknown = () => {};
  after: (call: string) => unknown = () => {};

  async do(step: string, run: Run<Input>): Promise<unknown> {
    this.#note(step, run);
    const instead = await this.before(step);
    if (instead) return instead;
    this.arrive(step);
    await this.after(step);
    return { step };
  }

  async undo(step: string, run: Run<Input>): Promise<void> {
    this.#note(`undo ${step}`, run);
    await this.before(`undo ${step}`);
    this.#tombstones.add(step);
    this.done.delete(step);
    await this.after(`undo ${step}`);
  }

  arrive(step: string): void {
    if (!this.#tombstones.has(step)) this.done.add(step);
  }

  #note(call: string, run: Run<Input>): void {
    this.calls.push(call);
    this.keys.push(run.key);
    this.runs.push(run);
  }
}

export const step = (name: string) => ({
  name,
  do: (run: Run<Input>) => participants.do(name, run),
  undo: (run: Run<Input>) => participants.undo(name, run),
});

export const definition: SagaDefinition<Input> = {
  version: 1,
  attempts: 4,
  steps: [
    step("reserve"),
    step("authorize"),
    { ...step("capture"), pivot: true },
    { name: "commit", do: (run) => participants.do("commit", run) },
  ],
  completed({ id }) {
    participants.before("completed");
    return { writes: [setText.with({ id, text: "completed" })], answer: "all is done" };
  },
  compensated: ({ id }, { code }) => ({ writes: [setText.with({ id, text: `compensated ${code}` })] }),
  parked: ({ id }, { code }) => [setText.with({ id, text: `parked ${code}` })],
};

type Definitions = readonly SagaDefinition<Input>[];

/** The example of the mixin: the saga begins with the change that makes what it is about. */
const service = (patience = 60_000, ...[newest = definition, ...earlier]: Definitions) =>
  implement(noteContractWith(sagaBlock), {
    mixins: [database<NoteTables>({ migrations }), saga(newest, ...earlier)],
    actions: {
      async write(ctx) {
        const { id } = ctx.params;
        const start = { id, userId: "ann", correlationId: ctx.requestID, input: { text: id }, patience };
        await this.db.write(async (tx) =>
          tx.add(insertNote.with(note(id, { text: "pending" })), this.saga.begin(start)),
        );
        await this.saga.settled(id, 500);
        return { id, count: 1 };
      },
    },
  });

export let participants: Participants;
export let brokers: ServiceBroker[];
/** Of the saga. */
export let id: string;
export let clock: Clock;

/** Call it in a `describe`. */
export function setUpSaga(): void {
  beforeEach(() => {
    brokers = [];
    newSaga();
    clock = new Clock();
  });
  afterEach(async () => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    jest.restoreAllMocks();
  });
}

/** From here on everything is about a new saga, to which nothing has happened. */
export function newSaga(): void {
  participants = new Participants();
  id = newId();
}

export const start = async (patience?: number, nodeID = `node-${brokers.length}`, ...definitions: Definitions) => {
  const broker = await startBroker([service(patience, ...definitions)], { nodeID });
  brokers.push(broker);
  return broker;
};
export const hostOf = (broker: ServiceBroker) => localService<Host>(broker, "note");
export const host = () => hostOf(brokers[0]!);
/** Only begins it, where `write` also waits a while for it to come to rest. */
export const begin = (then: () => void = () => {}) =>
  host().db.write(async (tx) => {
    tx.add(insertNote.with(note(id)));
    tx.add(host().saga.begin({ id, userId: "ann", correlationId: "c", input: { text: id }, patience: 1e12 }));
    then();
  });
export const write = () => brokers[0]!.call("note.write", { id });
export const text = async () => (await host().db.one(findNote, { id }))?.text;
export const status = async () => (await host().saga.find(id))?.status;
/** Without any time that passes, but for what the machine takes. */
export const becomes = (expected: string) => eventually(async () => (await text()) === expected);
/**
 * Moves the clock to the time at which the saga is due, so that nobody waits for a back-off. It is not moved further:
 * the saga may have been claimed since it was read, and its lease must not end by that.
 */
export const eventuallyText = (expected: string) =>
  eventually(async () => {
    const saga = await host().saga.find(id);
    if (saga?.owner === null && saga.next_at !== null) clock.advance(Math.max(0, saga.next_at - now()));
    return (await text()) === expected;
  });
export const times = (count: number, act: () => unknown) => (call: string) => (count-- > 0 ? act() : call && undefined);
export const only = (name: string, act: (call: string) => unknown) => (call: string) =>
  call === name ? act(call) : undefined;
export const fail = (error: () => Error) => () => {
  throw error();
};
export const journal = async () =>
  (await host().saga.steps(id)).map(({ direction, step, state }) => `${direction} ${step} ${state}`);
