/**
 * The operator actions of jobs, their live stream and their metrics, and a person's jobs in the export and the erasure.
 * @databases sqlite postgres
 */
import type { Context } from "moleculer";
import { DAY, HOUR } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { idOf, tokenOf } from "../../test/support/actors/people.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { held, Press } from "../../test/support/systems/press.ts";
import { type Erasure, erasure } from "../erasure/erasure.mixin.ts";
import { metricLines } from "../node/metric-sources.ts";

let nodes: Press;
let stuck: ReturnType<typeof held>;
beforeEach(async () => {
  nodes = await Press.open();
  stuck = held();
});
afterEach(async () => {
  stuck.end();
  await nodes.close();
});

const staff = async (action: string, params: object = {}) =>
  nodes.brokers[0]!.call(`press.${action}`, params, { meta: { accessToken: await tokenOf("eve", "staff") } });
const unknown = { type: "NOT_FOUND" };

describe("staff", () => {
  beforeEach(() => nodes.start());

  it("list jobs by kind and state, and look at one with its input and result", async () => {
    const [done, waiting] = [await nodes.add(), await nodes.add("bind", { delay: 1000, priority: "high", key: "k" })];
    await nodes.becomes(done, "done");
    expect(await staff("listJobs", { state: "done" })).toMatchObject({ items: [{ id: done }], nextCursor: null });
    const about = {
      kind: "bind",
      key: "k",
      priority: "high",
      state: "waiting",
      attempt: 0,
      error: null,
      endedAt: null,
    };
    expect(await staff("listJobs", { kind: "bind" })).toMatchObject({ items: [{ id: waiting, ...about }] });
    expect(await staff("getJob", { id: done })).toMatchObject({ input: { text: "Tea" }, result: { pages: 1 } });
    await expect(staff("getJob", { id: newId() })).rejects.toMatchObject(unknown);
  });

  it("try a dead job again, from its first attempt on", async () => {
    nodes.work = ({ run }) => {
      if (run.attempt <= 3) throw new Error("No ink.");
    };
    const id = await nodes.add();
    await nodes.becomesInTime(id, "dead");
    await staff("retryJob", { id });
    expect(await nodes.becomes(id, "done")).toMatchObject({ attempt: 4, failures: 0 });
    await expect(staff("retryJob", { id })).rejects.toMatchObject(unknown);
  });

  it("give a job up", async () => {
    nodes.work = () => stuck.wait();
    const [running, waiting] = [await nodes.add(), await nodes.add("print", { delay: DAY })];
    await eventually(() => nodes.attemptsOf(running).length === 1);
    for (const id of [running, waiting]) await staff("cancelJob", { id });
    await eventually(() => nodes.attemptsOf(running)[0]!.run.signal.aborted);
    expect((await nodes.job(waiting))!.state).toBe("cancelled");
    await expect(staff("cancelJob", { id: waiting })).rejects.toMatchObject(unknown);
  });

  it("pause a kind and resume it", async () => {
    await staff("pauseJobs", { kind: "bind" });
    const id = await nodes.add("bind");
    await nodes.becomes(await nodes.add(), "done");
    expect((await staff("listJobKinds")) as object).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ kind: "bind", paused: true, cron: null, due: 1, running: 0, dead: 0 }),
        expect.objectContaining({ kind: "tidy", paused: false, cron: "*/5 * * * *" }),
      ]),
    });
    await staff("resumeJobs", { kind: "bind" });
    await nodes.becomes(id, "done");
    await expect(staff("pauseJobs", { kind: "frame" })).rejects.toMatchObject(unknown);
  });

  it("alone may do so", async () => {
    const id = await nodes.add("print", { delay: DAY });
    const asCustomer = { meta: { accessToken: await tokenOf("ann", "customer") } };
    for (const action of ["listJobs", "getJob", "watchJob", "retryJob", "cancelJob", "listJobKinds"]) {
      const params = action.startsWith("list") ? {} : { id };
      await expect(nodes.brokers[0]!.call(`press.${action}`, params)).rejects.toMatchObject({
        type: "UNAUTHENTICATED",
      });
      await expect(nodes.brokers[0]!.call(`press.${action}`, params, asCustomer)).rejects.toMatchObject({
        type: "FORBIDDEN",
      });
    }
  });

  it("follow a job as it goes on", async () => {
    const hints: string[] = [];
    nodes.brokers[0]!.createService({
      name: "gateway",
      events: { "live.changed": ({ params }: Context<{ subjects: string[] }>) => void hints.push(...params.subjects) },
    });
    nodes.work = async ({ run }) => {
      await run.save({ done: 1, total: 2 });
      await stuck.wait();
    };
    const id = await nodes.add();
    const progress = { done: 1, total: 2 };
    await eventually(async () => (await nodes.job(id))!.progress !== null);
    const seen = (await staff("watchJob", { id })) as { items: { id: string; event: string; data: object }[] };
    expect(seen.items).toMatchObject([{ event: "job.changed", data: { id, state: "running", progress } }]);
    const after = Number(seen.items[0]!.id);
    expect(await staff("watchJob", { id, after })).toEqual({ items: [] });
    await eventually(() => hints.includes(`press:${id}`));
    hints.length = 0;
    stuck.end();
    await eventually(() => hints.includes(`press:${id}`));
    expect(await staff("watchJob", { id, after })).toMatchObject({ items: [{ data: { state: "done", progress } }] });
  });
});

it("jobs that are due, running and dead are counted by kind", async () => {
  await nodes.start();
  nodes.work = ({ kind }) => (kind === "bind" ? stuck.wait() : Promise.reject(new Error("No ink.")));
  for (let count = 0; count < 5; count += 1) await nodes.add("bind");
  await eventually(() => nodes.begun.length === 2);
  const id = await nodes.add();
  await nodes.becomesInTime(id, "dead");
  const lines = await metricLines(nodes.brokers[0]!);
  const figure = (name: string, kind: string) => `madang_jobs_${name}{service="press",kind="${kind}"}`;
  expect(lines).toEqual(
    expect.arrayContaining([
      `${figure("due", "bind")} 3`,
      `${figure("running", "bind")} 2`,
      `${figure("dead", "bind")} 0`,
      `${figure("dead", "print")} 1`,
    ]),
  );
});

/** Old jobs are looked for once an hour. */
const gone = (id: string) =>
  eventually(async () => {
    await nodes.advance(HOUR);
    return (await nodes.job(id)) === undefined;
  });

it("jobs that have ended are removed after a while, and dead ones are not", async () => {
  await nodes.start();
  const [old, dead, waiting] = [
    await nodes.add(),
    await nodes.add("bulk"),
    await nodes.add("bulk", { delay: 30 * DAY }),
  ];
  await nodes.becomes(old, "done");
  await nodes.becomes(dead, "done");
  await nodes.host.db.write(({ query }) =>
    query.updateTable("jobs").set({ state: "dead" }).where("id", "=", dead).execute(),
  );
  // Its kind says how long.
  const short = await nodes.add("ship");
  await nodes.becomes(short, "done");
  await gone(short);
  await nodes.advance((await nodes.job(old))!.ended_at! + 7 * DAY - 1 - Date.now());
  const recent = await nodes.add();
  await nodes.becomes(recent, "done");
  expect(await nodes.job(old)).toBeDefined();
  await gone(old);
  for (const id of [dead, waiting, recent]) expect(await nodes.job(id)).toBeDefined();
});

describe("a person's jobs", () => {
  const userId = idOf("ann");
  const addTheirs = async (delay: number) => {
    const id = newId();
    const { db, jobs } = nodes.host;
    await db.write(async (tx) => tx.add(jobs.add("write", { text: "To Ann" }, { id, userId, delay })));
    return id;
  };

  it("are part of the export of their data", async () => {
    await nodes.start();
    await addTheirs(DAY);
    await nodes.add("print", { delay: DAY });
    const asAnn = { meta: { accessToken: await tokenOf("ann", "customer") } };
    expect(await nodes.brokers[0]!.call("press.listOwnJobs", {}, asAnn)).toMatchObject({
      items: [{ kind: "write", state: "waiting", input: { text: "To Ann" }, result: null }],
      nextCursor: null,
    });
    const { press } = await import("../../test/support/systems/press.ts");
    expect(press.actions.listOwnJobs.export).toBe("pressJobs");
  });

  it("go with their account, whatever their state, and one that runs takes no effect", async () => {
    nodes.work = ({ kind }) => (kind === "write" ? stuck.wait() : undefined);
    await nodes.start(
      "node-0",
      erasure(async () => "all"),
    );
    const [running, waiting] = [await addTheirs(0), await addTheirs(DAY)];
    const others = await nodes.add("print", { delay: DAY });
    await eventually(() => nodes.attemptsOf(running).length === 1);
    const host = nodes.host as typeof nodes.host & { readonly erasure: Erasure };
    await host.db.write((tx) => host.erasure.begin(tx, userId));
    stuck.end();
    await nodes.becomes(await nodes.add(), "done");
    for (const id of [running, waiting]) expect(await nodes.job(id)).toBeUndefined();
    expect(await nodes.job(others)).toBeDefined();
    expect((await nodes.effects()).map(({ job }) => job)).not.toContain(running);
  });
});
