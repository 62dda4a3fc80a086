import { setTimeout as wait } from "node:timers/promises";
import { Errors, type ServiceBroker } from "moleculer";
import { newId } from "#core/clock.ts";
import { sharedError } from "#core/errors.ts";
import { implement } from "#core/implement.ts";
import { startBroker } from "../test/support/broker.ts";
import {
  eventually,
  findNote,
  insertNote,
  localService,
  migrations,
  note,
  notebook,
  type NotebookTables,
} from "../test/support/notebook.ts";
import { openStorage, storage } from "../test/support/storage.ts";
import type { Database } from "./database/database.ts";
import { statements } from "./database/statement.ts";
import { database } from "./database.mixin.ts";
import { type Run, type SagaDefinition, Waiting } from "./saga/definition.ts";
import { insertSaga, takeDue } from "./saga/journal.ts";
import { LEASE } from "./saga/moves.ts";
import { MOST } from "./saga/sagas.ts";
import { addSagaOwner, createSagas, type Saga, saga, type SagaTables } from "./saga.mixin.ts";

interface Input {
  readonly text: string;
}
type Host = { db: Database<NotebookTables>; saga: Saga<Input> };

const sql = statements<NotebookTables>();
const setText = sql((q, p: { id: string; text: string }) =>
  q.updateTable("notes").set({ text: p.text }).where("id", "=", p.id),
);

const timeout = () => new Errors.MoleculerError("No answer in time.", 504, "REQUEST_TIMEOUT");
const refusal = () => notebook.error("FULL");

/** The services that the saga's steps work on: idempotent, and an undone step cannot arrive late. */
class World {
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

let world: World;

const step = (name: string) => ({
  name,
  do: (run: Run<Input>) => world.do(name, run),
  undo: (run: Run<Input>) => world.undo(name, run),
});

const definition: SagaDefinition<Input> = {
  attempts: 4,
  steps: [
    step("reserve"),
    step("authorize"),
    { ...step("capture"), pivot: true },
    { name: "commit", do: (run) => world.do("commit", run) },
  ],
  async completed(tx, { id }) {
    await world.before("completed");
    await tx.run(setText, { id, text: "completed" });
    return "all is done";
  },
  async compensated(tx, { id }, { code }) {
    await tx.run(setText, { id, text: `compensated ${code}` });
  },
  async parked(tx, { id }, { code }) {
    await tx.run(setText, { id, text: `parked ${code}` });
  },
};

/** The example of the mixin: the saga begins with the change that makes what it is about. */
const service = (patience = 60_000) =>
  implement(notebook, {
    mixins: [database<NotebookTables>({ migrations }), saga(definition)],
    actions: {
      async write(ctx) {
        const { id } = ctx.params;
        await this.db.write(async (tx) => {
          await tx.run(insertNote, note(id, { text: "pending" }));
          await this.saga.begin(tx, { id, userId: "ann", correlationId: ctx.requestID, input: { text: id }, patience });
        });
        await this.saga.settled(id, 500);
        return { id, count: 1 };
      },
    },
  });

/** A saga that an outage left behind. */
const dueSaga = (id: string): SagaTables["sagas"] => ({
  id,
  user_id: "ann",
  correlation_id: "c",
  status: "active",
  direction: "forward",
  step: 0,
  attempt: 0,
  input: "{}",
  results: "{}",
  log: "[]",
  reason: null,
  deadline: 1e15,
  next_at: 1,
  lease_until: 0,
  owner: null,
  epoch: 1,
});

describe("saga", () => {
  let brokers: ServiceBroker[];
  let skew: number;
  let id: string;

  const start = async (patience?: number, nodeID = `node-${brokers.length}`) => {
    const broker = await startBroker([service(patience)], { nodeID });
    brokers.push(broker);
    return broker;
  };
  const hostOf = (broker: ServiceBroker) => localService<Host>(broker, "notebook");
  const host = () => hostOf(brokers[0]!);
  /** Only begins it, where `write` also waits a while for it to come to rest. */
  const begin = (then: () => void = () => {}) =>
    host().db.write(async (tx) => {
      await tx.run(insertNote, note(id));
      await host().saga.begin(tx, { id, userId: "ann", correlationId: "c", input: { text: id }, patience: 1e12 });
      then();
    });
  const write = () => brokers[0]!.call("notebook.write", { id });
  const text = async () => (await host().db.one(findNote, { id }))?.text;
  const status = async () => (await host().saga.find(id))?.status;
  /** Lets two minutes pass whenever nobody holds the saga, so that nobody waits for a back-off. */
  const eventuallyText = (expected: string) =>
    eventually(async () => {
      if ((await host().saga.find(id))?.owner === null) skew += 120_000;
      return (await text()) === expected;
    });
  const times = (count: number, act: () => unknown) => (call: string) => (count-- > 0 ? act() : call && undefined);
  const only = (name: string, act: (call: string) => unknown) => (call: string) =>
    call === name ? act(call) : undefined;
  const fail = (error: () => Error) => () => {
    throw error();
  };
  const journal = async () =>
    (await host().saga.steps(id)).map(({ direction, step, state }) => `${direction} ${step} ${state}`);

  beforeEach(() => {
    world = new World();
    brokers = [];
    skew = 0;
    id = newId();
    const real = Date.now;
    jest.spyOn(Date, "now").mockImplementation(() => real() + skew);
  });
  afterEach(async () => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    jest.restoreAllMocks();
  });

  it("runs its steps in order and completes", async () => {
    await start();
    await brokers[0]!.call("notebook.write", { id }, { requestID: "request-1" });
    expect(await text()).toBe("completed");
    expect(world.calls).toEqual(["reserve", "authorize", "capture", "commit"]);
    expect(world.keys).toEqual(world.calls.map((step) => `${id}:${step}`));
    expect(world.runs.at(-1)).toMatchObject({
      id,
      input: { text: id },
      results: { reserve: { step: "reserve" }, authorize: { step: "authorize" }, capture: { step: "capture" } },
      ctx: { requestID: "request-1", user: { id: "ann" } },
    });
    expect(await journal()).toEqual(world.calls.map((step) => `forward ${step} done`));
    expect(await host().saga.find(id)).toMatchObject({ status: "completed", next_at: null, lease_until: 0 });
  });

  it("tells whoever awaits it on its node what its end answered, and only where it stands to who asks later", async () => {
    await start();
    world.before = only("reserve", () => wait(50));
    await begin();
    expect(await host().saga.settled(id, 5000)).toEqual({ status: "completed", outcome: "all is done" });
    await wait(20);
    expect(await host().saga.settled(id, 5000)).toEqual({ status: "completed" });
  });

  it("is not taken for completed when it is turned round in the same moment", async () => {
    await start();
    const cancelled = { code: "CANCELLED", message: "", status: 409 };
    const told = Promise.withResolvers<unknown>();
    world.after = only("commit", () => {
      const turn = async () => {
        // Until its end is on its way to the disk, so that both are stored together.
        for (let n = 0; n < 40; n += 1) await Promise.resolve();
        await host().db.write((tx) => host().saga.undo(tx, id, cancelled));
        return host().saga.settled(id, 5000);
      };
      void turn().then(told.resolve, told.reject);
    });
    await begin();
    expect(await told.promise).toMatchObject({ status: "compensated" });
    expect(await text()).toBe("compensated CANCELLED");
  });

  it("never begins when the change it belongs to is undone", async () => {
    await start();
    await expect(begin(fail(refusal))).rejects.toMatchObject({ type: "NOTEBOOK_FULL" });
    await wait(150);
    expect(world.calls).toEqual([]);
    expect(await host().saga.find(id)).toBeUndefined();
  });

  it("answers at once who asks for a saga that has come to rest, and not for longer than the budget", async () => {
    await start();
    await write();
    const since = performance.now();
    await host().saga.settled(id, 5000);
    expect(performance.now() - since).toBeLessThan(1000);
    id = newId();
    world.before = only("capture", () => wait(900));
    const asked = performance.now();
    await write();
    expect(performance.now() - asked).toBeLessThan(850);
    expect(await status()).toBe("active");
  });

  describe("a refusal", () => {
    it.each([
      ["reserve", []],
      ["authorize", ["undo reserve"]],
      ["capture", ["undo authorize", "undo reserve"]],
      ["commit", ["undo capture", "undo authorize", "undo reserve"]],
    ])("at %s undoes the steps before it, last first", async (step, undone) => {
      await start();
      world.before = only(step, fail(refusal));
      await write();
      expect(await text()).toBe("compensated NOTEBOOK_FULL");
      expect(world.calls.slice(world.calls.indexOf(step) + 1)).toEqual(undone);
      expect([...world.done]).toEqual([]);
    });

    it("after an unknown outcome undoes that step too: it may have happened", async () => {
      await start();
      world.after = only("authorize", times(1, fail(timeout)));
      world.before = (call) => {
        if (call === "authorize" && world.done.has("authorize")) throw refusal();
      };
      await write();
      await eventuallyText("compensated NOTEBOOK_FULL");
      expect(world.calls).toEqual(["reserve", "authorize", "authorize", "undo authorize", "undo reserve"]);
      expect([...world.done]).toEqual([]);
    });
  });

  describe("an unknown outcome", () => {
    const unknown = [
      timeout,
      () => new TypeError("x is undefined"),
      () => new Errors.ServiceNotFoundError({ action: "v1.x.y" }),
      () => sharedError("IDEMPOTENCY_IN_PROGRESS"),
    ];
    const faults = ["reserve", "authorize", "capture", "commit"].flatMap((step) =>
      (["before", "after"] as const).flatMap((moment) => unknown.map((error) => ({ step, moment, error }))),
    );

    it("is asked again with the same key, whatever failed before or after which step's effect", async () => {
      await start();
      for (const { step, moment, error } of faults) {
        world = new World();
        id = newId();
        world[moment] = only(step, times(1, fail(error)));
        await begin();
        await eventuallyText("completed");
        expect(world.calls.filter((call) => call === step)).toHaveLength(2);
        expect(new Set(world.keys).size).toBe(4);
        expect([...world.done]).toEqual(["reserve", "authorize", "capture", "commit"]);
      }
    });

    it.each(["reserve", "authorize"])("of %s after the saga's patience undoes that step too", async (step) => {
      await start(0);
      world.before = only(step, async () => {
        await wait(5);
        throw timeout();
      });
      await write();
      expect(await text()).toBe("compensated REQUEST_TIMEOUT");
      expect(world.calls).toContain(`undo ${step}`);
      world.arrive(step);
      expect([...world.done]).toEqual([]);
    });

    it("after the pivot is asked again however long it takes", async () => {
      await start(0);
      world.before = only("commit", times(3, fail(timeout)));
      await write();
      await eventuallyText("completed");
      expect(world.calls.filter((call) => call === "commit")).toHaveLength(4);
    });

    it.each(["undo authorize", "undo reserve"])("of %s is asked again", async (call) => {
      await start();
      const undoOnce = times(2, fail(refusal));
      world.before = (made) => {
        if (made === "capture") throw refusal();
        if (made === call) undoOnce(made);
      };
      await write();
      await eventuallyText("compensated NOTEBOOK_FULL");
      expect(world.calls.filter((made) => made === call)).toHaveLength(3);
      expect([...world.done]).toEqual([]);
    });
  });

  describe("a step that waits", () => {
    it("goes on when it is woken", async () => {
      await start();
      let decided = false;
      world.before = only("authorize", () => (decided ? undefined : new Waiting("at the bank")));
      await write();
      expect(await status()).toBe("waiting");
      expect(await journal()).toContain("forward authorize waiting");
      decided = true;
      await host().db.write((tx) => host().saga.wake(tx, id));
      await eventually(async () => (await text()) === "completed", 900);
    });

    it("is asked again by itself when the wake-up was lost", async () => {
      await start();
      let decided = false;
      world.before = only("authorize", () => (decided ? undefined : new Waiting("at the bank")));
      await write();
      decided = true;
      await eventuallyText("completed");
    });

    it("is undone when the saga's patience ends", async () => {
      await start();
      world.before = only("authorize", () => new Waiting("at the bank"));
      await write();
      await eventuallyText("compensated EXPIRED");
      expect(world.calls.slice(-2)).toEqual(["undo authorize", "undo reserve"]);
    });

    it("cannot be woken when it does not wait", async () => {
      await start();
      await write();
      await host().db.write((tx) => host().saga.wake(tx, id));
      expect(await host().saga.find(id)).toMatchObject({ status: "completed", next_at: null });
    });
  });

  describe("undo", () => {
    const cancel = () =>
      host().db.write((tx) => host().saga.undo(tx, id, { code: "CANCELLED", message: "", status: 409 }));

    it("undoes a completed saga, once", async () => {
      await start();
      await write();
      await cancel();
      await eventually(async () => (await text()) === "compensated CANCELLED");
      await cancel();
      await wait(250);
      expect(world.calls.slice(4)).toEqual(["undo capture", "undo authorize", "undo reserve"]);
      expect(await status()).toBe("compensated");
    });

    it("undoes a waiting saga", async () => {
      await start();
      world.before = only("authorize", () => new Waiting("at the bank"));
      await write();
      await cancel();
      await eventually(async () => (await text()) === "compensated CANCELLED");
      expect(world.calls.slice(2)).toEqual(["undo authorize", "undo reserve"]);
    });

    it("undoes a running saga: what its step answers late no longer counts", async () => {
      await start();
      const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
      world.after = only("authorize", () => answered);
      const writing = write();
      await eventually(() => world.calls.includes("authorize"));
      await cancel();
      answer();
      await writing;
      await eventually(async () => (await text()) === "compensated CANCELLED");
      expect(world.calls).toEqual(["reserve", "authorize", "undo authorize", "undo reserve"]);
      expect((await host().saga.find(id))?.results).toBe(JSON.stringify({ reserve: { step: "reserve" } }));
      expect([...world.done]).toEqual([]);
    });
  });

  describe("a saga that keeps failing", () => {
    it("is parked, and goes on when it is retried", async () => {
      await start();
      world.before = only("commit", fail(timeout));
      await write();
      await eventuallyText("parked REQUEST_TIMEOUT");
      expect(await status()).toBe("parked");
      expect(world.calls.filter((call) => call === "commit")).toHaveLength(4);
      world.before = () => {};
      expect(await host().db.write((tx) => host().saga.retry(tx, id))).toBe(true);
      await eventuallyText("completed");
      expect(await host().db.write((tx) => host().saga.retry(tx, id))).toBe(false);
    });

    it("is parked when it cannot be undone, and goes on undoing", async () => {
      await start();
      world.before = (call) => {
        if (call === "capture") throw refusal();
        if (call === "undo reserve") throw timeout();
      };
      await write();
      await eventuallyText("parked REQUEST_TIMEOUT");
      world.before = () => {};
      await host().db.write((tx) => host().saga.retry(tx, id));
      await eventuallyText("compensated NOTEBOOK_FULL");
      expect([...world.done]).toEqual([]);
    });

    it("is parked when the service's own end of it fails", async () => {
      await start();
      world.before = only(
        "completed",
        fail(() => new Error("A bug.")),
      );
      await write();
      await eventuallyText("parked INTERNAL_ERROR");
    });

    it("can be ended by hand as completed while it is being undone, and is undone when that is asked for later", async () => {
      await start();
      world.before = (call) => {
        if (call === "commit") throw refusal();
        if (call === "undo reserve") throw timeout();
      };
      await write();
      await eventuallyText("parked REQUEST_TIMEOUT");
      await host().db.write((tx) => host().saga.close(tx, id, "completed"));
      expect(await text()).toBe("completed");
      world.before = () => {};
      world.calls.length = 0;
      await host().db.write((tx) => host().saga.undo(tx, id, { code: "CANCELLED", message: "", status: 409 }));
      await eventually(async () => (await text()) === "compensated CANCELLED");
      expect(world.calls).toEqual(["undo capture", "undo authorize", "undo reserve"]);
    });

    it("can be ended by hand", async () => {
      await start();
      world.before = only("commit", fail(timeout));
      await write();
      expect(await host().db.write((tx) => host().saga.close(tx, id, "completed"))).toBe(false);
      await eventuallyText("parked REQUEST_TIMEOUT");
      expect(await host().db.write((tx) => host().saga.close(tx, id, "completed"))).toBe(true);
      expect(await host().saga.find(id)).toMatchObject({ status: "completed", next_at: null });
    });
  });

  it.each(["completed", "compensated NOTEBOOK_FULL"])(
    "stays %s when that was stored though the answer was lost, and does nothing again",
    async (end) => {
      await start();
      if (end !== "completed") world.before = only("capture", fail(refusal));
      const { db } = host();
      const real = db.write.bind(db);
      let isLost = false;
      jest.spyOn(db, "write").mockImplementation(async (work) => {
        const answer = await real(work);
        if (isLost || (await text()) !== end) return answer;
        isLost = true;
        throw sharedError("STORAGE_UNAVAILABLE");
      });
      await write();
      await eventually(() => isLost);
      const stored = await host().saga.find(id);
      const calls = [...world.calls];
      expect(stored).toMatchObject({ status: end.split(" ")[0], next_at: null, epoch: 1 });
      skew = 120_000;
      await wait(250);
      expect(await host().saga.find(id)).toEqual(stored);
      expect(world.calls).toEqual(calls);
    },
  );

  it("goes on as soon as what could not be stored can be, without waiting for its lease to end", async () => {
    await start();
    const full = sharedError("STORAGE_UNAVAILABLE");
    world.after = only(
      "reserve",
      times(1, () => {
        jest.spyOn(host().db, "run").mockRejectedValueOnce(full);
        jest.spyOn(host().db, "write").mockRejectedValueOnce(full).mockRejectedValueOnce(full);
      }),
    );
    await write();
    await eventually(async () => (await text()) === "completed");
    expect(world.calls).toEqual(["reserve", "reserve", "authorize", "capture", "commit"]);
  });

  it("does not take so many at once that others find no connection, and takes the rest when there is room", async () => {
    await start();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    world.before = only("reserve", () => answered);
    const ids = Array.from({ length: MOST + 60 }, () => newId());
    await host().db.write(async (tx) => {
      for (const each of ids) await tx.run(insertSaga, dueSaga(each));
    });
    await eventually(() => world.calls.length >= MOST);
    await wait(250);
    expect(world.calls).toHaveLength(MOST);
    answer();
    const ends = await Promise.all(ids.map((each) => host().saga.settled(each, 5000)));
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(["completed"]));
    expect(world.calls.filter((call) => call === "reserve")).toHaveLength(ids.length);
  });

  describe("when its node dies", () => {
    /** The first node hangs in `authorize`; answering it shows what a node does that has been replaced. */
    const hang = () => {
      const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
      let first = true;
      world.after = only("authorize", () => {
        const waiting = first ? answered : undefined;
        first = false;
        return waiting;
      });
      return answer;
    };
    const twice = ["reserve", "authorize", "authorize", "capture", "commit"];

    it("is taken over after a restart, and the old owner's late answer is refused", async () => {
      await start();
      const answer = hang();
      const writing = write();
      await eventually(() => world.calls.includes("authorize"));
      await start(60_000, "node-0");
      await eventually(async () => (await text()) === "completed");
      answer();
      await writing;
      await wait(50);
      expect(world.calls).toEqual(twice);
      expect(await host().saga.find(id)).toMatchObject({ status: "completed", epoch: 2 });
    });

    it("is taken over at once by a node that hears of it", async () => {
      await start();
      await start();
      const answer = hang();
      const writing = write();
      await eventually(() => world.calls.includes("authorize"));
      brokers[1]!.localBus.emit("$node.disconnected", { node: { id: "node-9" } });
      await wait(250);
      expect(world.calls).toEqual(["reserve", "authorize"]);
      brokers[1]!.localBus.emit("$node.disconnected", { node: { id: "node-0" } });
      await eventually(async () => (await text()) === "completed", 900);
      answer();
      await writing;
      expect(world.calls).toEqual(twice);
      expect(await host().saga.find(id)).toMatchObject({ status: "completed", owner: null, epoch: 2 });
    });

    it("is taken over once when several nodes hear of it at the same time", async () => {
      for (let n = 0; n < 4; n += 1) await start();
      const answer = hang();
      const writing = write();
      await eventually(() => world.calls.includes("authorize"));
      for (const broker of brokers.slice(1)) broker.localBus.emit("$node.disconnected", { node: { id: "node-0" } });
      await eventually(async () => (await text()) === "completed");
      answer();
      await writing;
      await wait(150);
      expect(world.calls).toEqual(twice);
    });

    it("is not taken over while a long step renews its lease", async () => {
      await start();
      await start();
      const renewals: (() => void)[] = [];
      const real = setInterval;
      jest.spyOn(globalThis, "setInterval").mockImplementation(((act: () => void, pause: number) => {
        if (pause === LEASE / 3) renewals.push(act);
        return real(act, pause);
      }) as never);
      const answer = hang();
      const writing = write();
      await eventually(() => world.calls.includes("authorize"));
      skew = LEASE - 1000;
      renewals.at(-1)!();
      await eventually(async () => (await host().saga.find(id))!.lease_until > Date.now() + LEASE - 1000);
      skew = 2 * LEASE - 2000;
      await wait(250);
      expect(world.calls).toEqual(["reserve", "authorize"]);
      answer();
      await writing;
      await eventually(async () => (await text()) === "completed");
    });

    it("is waited for on any node", async () => {
      await start();
      await start();
      const answer = hang();
      void begin();
      await eventually(() => world.calls.includes("authorize"));
      const elsewhere = hostOf(brokers[1]!).saga;
      expect(await elsewhere.settled(id, 100)).toEqual({ status: "active" });
      setTimeout(answer, 50);
      expect(await elsewhere.settled(id, 5000)).toEqual({ status: "completed" });
      expect(await elsewhere.unfinished("ann")).not.toContainEqual(expect.objectContaining({ id }));
    });

    it("is taken over by another node when its lease ends", async () => {
      await start();
      await start();
      const answer = hang();
      const writing = write();
      await eventually(() => world.calls.includes("authorize"));
      await wait(250);
      expect(world.calls).toEqual(["reserve", "authorize"]);
      skew = LEASE + 1000;
      await eventually(async () => (await text()) === "completed");
      answer();
      await writing;
      expect(world.calls).toEqual(twice);
    });

    it("is not taken over twice, nor after it ended", async () => {
      await start();
      await start();
      await start();
      world.before = only("authorize", times(1, fail(timeout)));
      await write();
      await eventually(async () => (await text()) === "completed");
      await wait(150);
      expect(world.calls).toEqual(twice);
    });

    it("goes on where it was after a stop in the middle of undoing", async () => {
      const first = await start();
      world.before = (call) => {
        if (call === "capture") throw refusal();
        if (call === "undo reserve") throw timeout();
      };
      await write();
      await first.stop();
      world.before = () => {};
      brokers = [];
      await start();
      await eventuallyText("compensated NOTEBOOK_FULL");
      expect([...world.done]).toEqual([]);
    });
  });
});

describe("addSagaOwner", () => {
  it("leaves sagas that were begun before it to whoever takes them", async () => {
    const db = await openStorage<SagaTables>(storage());
    const released = { "0001_sagas": { up: createSagas } };
    await db.migrate(released);
    const old = { id: "old", user_id: "ann", correlation_id: "c", input: "{}", results: "{}", deadline: 1, next_at: 1 };
    const state = { status: "active", direction: "forward", step: 0, attempt: 0, lease_until: 1, epoch: 1 } as const;
    await db.write((tx) =>
      tx.query
        .insertInto("sagas")
        .values({ ...old, ...state } as never)
        .execute(),
    );
    await db.migrate({ ...released, "0002_saga_owners": { up: addSagaOwner } });
    const taking = { now: 2, lease_until: 3, owner: "node-1", limit: 9 };
    expect(await db.write((tx) => tx.all(takeDue, taking))).toMatchObject([{ ...old, owner: "node-1", epoch: 2 }]);
    await db.close();
  });
});
