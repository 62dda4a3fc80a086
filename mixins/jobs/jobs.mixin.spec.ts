/** @databases sqlite postgres */
import Type from "typebox";
import { defineContract, job } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { implement } from "#core/implement.ts";
import { Strict, Text } from "#core/schema.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { allNotes, insertNote, note } from "../../test/support/systems/notes-service.ts";
import { held, Press, press, type PressJobs } from "../../test/support/systems/press.ts";
import { jobs as jobsBlock } from "./jobs.contract.ts";

let nodes: Press;
beforeEach(async () => {
  nodes = await Press.open();
  await nodes.start();
});
afterEach(() => nodes.close());

describe("a job", () => {
  it("is done after the commit of the change that calls for it, and keeps its result", async () => {
    const id = await nodes.add();
    const row = await nodes.becomes(id, "done");
    expect(JSON.parse(row.result!)).toEqual({ pages: 1 });
    expect(row).toMatchObject({ attempt: 1, failures: 0, owner: null, next_at: null, ended_at: Date.now() });
    expect(await nodes.effects()).toEqual([{ job: id, node: "node-0" }]);
  });

  it("is gone with the transaction that is rolled back", async () => {
    const { db, jobs } = nodes.host;
    const failing = db.write(async (tx) => {
      tx.add(insertNote.with(note("n1")), jobs.add("print", { text: "Tea" }));
      await tx.all(allNotes, {});
      throw new Error("No.");
    });
    await expect(failing).rejects.toThrow("No.");
    expect((await nodes.all()).filter(({ kind }) => kind === "print")).toEqual([]);
    expect(await nodes.effects()).toEqual([]);
  });

  it("begins when its delay is over, and not before", async () => {
    const id = await nodes.add("print", { delay: 60_000 });
    await nodes.advance(59_999);
    const other = await nodes.add();
    await nodes.becomes(other, "done");
    expect(await nodes.job(id)).toMatchObject({ state: "waiting", attempt: 0 });
    await nodes.advance(1);
    await nodes.becomes(id, "done");
  });

  it("is added once for a key and for an id, for as long as the first is kept", async () => {
    const first = await nodes.add("print", { key: "k1" });
    await nodes.becomes(first, "done");
    const second = await nodes.add("print", { key: "k1" });
    expect(await nodes.job(second)).toBeUndefined();
    // Keys of different kinds are different.
    await nodes.becomes(await nodes.add("bind", { key: "k1" }), "done");
    await nodes.add("print", { id: first });
    expect((await nodes.all()).filter(({ kind }) => kind === "print")).toHaveLength(1);
  });

  it("of a higher priority begins first, and of the same priority the one that was due first", async () => {
    const { wait, end } = held();
    nodes.work = ({ kind }) => (kind === "bind" ? wait() : undefined);
    const blocking = await Promise.all([nodes.add("bind"), nodes.add("bind")]);
    await eventually(() => nodes.begun.length === 2);
    const ids: string[] = [];
    for (const priority of ["low", "normal", "high", "normal"] as const) {
      ids.push(await nodes.add("bind", { priority }));
      await nodes.advance(1);
    }
    end();
    for (const id of [...blocking, ...ids]) await nodes.becomes(id, "done");
    const [low, first, high, second] = ids;
    const order = nodes.begun.map(({ run }) => run.id).filter((id) => ids.includes(id));
    // Two at once; the second and the last may be claimed together.
    expect(new Set(order.slice(0, 2))).toEqual(new Set([high, first]));
    expect(new Set(order.slice(2))).toEqual(new Set([second, low]));
  });

  it("that fails is tried again after a pause, and is dead after as many failures as its kind allows", async () => {
    jest.spyOn(Math, "random").mockReturnValue(1);
    nodes.work = () => {
      throw new Error("No ink.");
    };
    const id = await nodes.add();
    for (const [failures, pause] of [
      [1, 1000],
      [2, 2000],
    ] as const) {
      const row = await eventually(async () => {
        const found = await nodes.job(id);
        return found?.failures === failures && found;
      });
      expect(row).toMatchObject({ state: "waiting", error: "No ink.", owner: null, next_at: Date.now() + pause });
      await nodes.advance(pause);
    }
    expect(await nodes.becomes(id, "dead")).toMatchObject({ attempt: 3, failures: 3, error: "No ink.", next_at: null });
    expect(await nodes.effects()).toEqual([]);
  });

  it("keeps nothing of an end that cannot be stored", async () => {
    const { db } = nodes.host;
    await db.run(insertNote, note("taken"));
    nodes.work = async ({ run }) => {
      if (run.attempt === 1) await run.save({ done: 1 }, insertNote.with(note("taken")));
    };
    const id = await nodes.add();
    expect(await eventually(async () => (await nodes.job(id))!.failures > 0 && nodes.job(id))).toMatchObject({
      progress: null,
    });
    await nodes.advance(60_000);
    await nodes.becomes(id, "done");
    expect((await nodes.effects()).filter(({ job: of }) => of === id)).toHaveLength(1);
  });

  it("goes on from what an earlier attempt has saved, with the same key", async () => {
    nodes.work = async ({ run }) => {
      if (run.progress?.done === 2) return;
      await run.save({ done: 2, total: 3, position: "page 2" }, insertNote.with(note(`saved by ${run.attempt}`)));
      throw new Error("The paper is out.");
    };
    const id = await nodes.add();
    await eventually(async () => (await nodes.job(id))!.failures === 1);
    await nodes.advance(60_000);
    await nodes.becomes(id, "done");
    const [first, second] = nodes.attemptsOf(id);
    expect(second!.run).toMatchObject({ attempt: 2, progress: { done: 2, total: 3, position: "page 2" } });
    expect(second!.run.key).toBe(first!.run.key);
  });

  it("works for the person whose it is", async () => {
    const { db, jobs } = nodes.host;
    const [id, userId] = [newId(), newId()];
    await db.write(async (tx) => tx.add(jobs.add("write", { text: "Tea" }, { id, userId })));
    await nodes.becomes(id, "done");
    expect(nodes.attemptsOf(id)[0]!.run.ctx.user).toMatchObject({ id: userId });
  });
});

describe("jobs", () => {
  it("refuse an input that does not fit the contract, and one that is too large", () => {
    const { jobs } = nodes.host;
    expect(() => jobs.add("print", { text: "T".repeat(51) })).toThrow("The input of print does not fit its contract");
    expect(() => jobs.add("frame" as "print", { text: "" })).toThrow(
      "The contract of press has no jobs of the kind frame",
    );
  });

  it("do not compile for what contracts do not say", () => {
    const typed = (jobs: PressJobs) => [
      // @ts-expect-error -- another input
      jobs.add("print", { title: "Tea" }),
      // @ts-expect-error -- no such kind
      jobs.add("frame", { text: "Tea" }),
      // @ts-expect-error -- somebody's, but it does not say whose
      jobs.add("write", { text: "Tea" }),
      // @ts-expect-error -- nobody's
      jobs.add("print", { text: "Tea" }, { userId: newId() }),
    ];
    expect(typed).toBeInstanceOf(Function);
    const unnamed = defineContract("unnamed", {
      summary: "",
      jobs: { count: job({ summary: "", input: Strict({}), output: Type.Object({ count: Type.Integer() }) }) },
      actions: {},
    });
    // @ts-expect-error -- no handler of the job
    expect(() => implement(unnamed, { actions: {} })).toThrow(
      "The contract of unnamed has jobs: add jobs to its blocks.",
    );
    const wordy = async () => ({ result: { count: "one" } });
    // @ts-expect-error -- another result
    expect(() => implement(unnamed, { actions: {}, jobs: { count: wordy } })).toThrow();
    const deaf = defineContract("deaf", { summary: "", blocks: [jobsBlock], actions: {} });
    // @ts-expect-error -- the contract has no jobs
    expect(() => implement(deaf, { actions: {}, jobs: { count: async () => {} } })).toThrow("has the block jobs");
  });

  it("that are added by their time can have no required input", () => {
    const timed = job({ summary: "", input: Strict({ text: Text(5) }), cron: "* * * * *" });
    expect(() => defineContract("timed", { summary: "", jobs: { timed }, actions: {} })).toThrow(
      "The job timed.timed is added by its time alone, so its input can have no required field.",
    );
    expect(press.jobs.tidy.cron).toBe("*/5 * * * *");
  });
});
