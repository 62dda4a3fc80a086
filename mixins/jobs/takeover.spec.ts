/**
 * A job that loses its node: it begins again on another, and what the first one still writes changes nothing.
 * @databases sqlite postgres
 */
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { insertNote, note } from "../../test/support/systems/notes-service.ts";
import { held, Press } from "../../test/support/systems/press.ts";
import { setStandby } from "../node/standby.ts";
import { LEASE } from "./attempt.ts";

let nodes: Press;
/** What renews the leases of jobs, in the order in which these began; no timer does so by itself. */
let renewals: (() => void)[];
let stuck: ReturnType<typeof held>;

beforeEach(async () => {
  nodes = await Press.open();
  renewals = [];
  stuck = held();
  const real = setInterval;
  jest.spyOn(globalThis, "setInterval").mockImplementation(((act: () => void, pause: number) => {
    if (pause !== LEASE / 3) return real(act, pause);
    renewals.push(act);
    return real(() => {}, pause);
  }) as never);
  // The first node gets what is added there. On SQLite a node that starts is alone, and ends all leases.
  await nodes.start();
  await nodes.start();
  // Its first attempt is stuck.
  nodes.work = ({ kind, run }) => (kind === "print" && run.attempt === 1 ? stuck.wait() : undefined);
});
afterEach(async () => {
  stuck.end();
  await nodes.close();
});

/** A job whose node is frozen, as far as anybody can tell. */
async function frozen(): Promise<string> {
  // The other node may be about to look by itself.
  setStandby(nodes.brokers[1]!, true);
  const id = await nodes.add();
  await eventually(() => nodes.attemptsOf(id).length === 1);
  setStandby(nodes.brokers[1]!, false);
  return id;
}
const first = (id: string) => nodes.attemptsOf(id)[0]!.run;

it("goes on elsewhere when its lease ends, and not before", async () => {
  const id = await frozen();
  await nodes.advance(LEASE - 1);
  await nodes.becomes(await nodes.add("bind", {}, nodes.hostOf(1)), "done");
  expect(await nodes.job(id)).toMatchObject({ state: "running", attempt: 1, owner: "node-0" });
  await nodes.advance(1);
  expect(await nodes.becomes(id, "done")).toMatchObject({ attempt: 2, failures: 1 });
});

it("changes nothing any more where it was, and is told so", async () => {
  const id = await frozen();
  await nodes.advance(LEASE);
  await nodes.becomes(id, "done");
  expect(first(id).signal.aborted).toBe(false);
  await expect(first(id).save({ done: 1 }, insertNote.with(note("late")))).rejects.toThrow("does not have the job");
  renewals[0]!();
  await eventually(() => first(id).signal.aborted);
  stuck.end();
  await nodes.stop();
  expect(await nodes.job(id)).toMatchObject({ state: "done", attempt: 2, progress: null });
  expect((await nodes.effects()).map(({ job }) => job)).toEqual([id]);
});

it("stays where it is while its lease is renewed", async () => {
  const id = await frozen();
  for (let times = 0; times < 6; times += 1) {
    await nodes.advance(LEASE / 4);
    renewals[0]!();
    await eventually(async () => (await nodes.job(id))!.next_at === Date.now() + LEASE);
  }
  stuck.end();
  expect(await nodes.becomes(id, "done")).toMatchObject({ attempt: 1, failures: 0 });
});

it("goes on at once when another node hears that its node is gone", async () => {
  const id = await frozen();
  const { localBus } = nodes.brokers[1]!;
  localBus.emit("$node.disconnected", { node: { id: "node-9" } });
  await nodes.becomes(await nodes.add("bind", {}, nodes.hostOf(1)), "done");
  expect(await nodes.job(id)).toMatchObject({ owner: "node-0" });
  localBus.emit("$node.disconnected", { node: { id: "node-0" } });
  expect(await nodes.becomes(id, "done")).toMatchObject({ attempt: 2, failures: 1 });
});

it("is dead when it has lost its node as often as it may fail, and is not begun any more", async () => {
  nodes.work = () => stuck.wait();
  const id = await frozen();
  for (const attempt of [2, 3]) {
    await nodes.advance(LEASE);
    await eventually(() => nodes.attemptsOf(id).length === attempt);
  }
  await nodes.advance(LEASE);
  expect(await nodes.becomes(id, "dead")).toMatchObject({ failures: 3, error: "Its node was lost each time." });
  expect(nodes.attemptsOf(id)).toHaveLength(3);
});

it("that is cancelled takes no effect, and its handler is told at once on its own node", async () => {
  const id = await frozen();
  const { db, jobs } = nodes.host;
  await db.write(async (tx) => tx.add(jobs.cancel(id)));
  await eventually(() => first(id).signal.aborted);
  stuck.end();
  await nodes.becomes(await nodes.add("bind", {}, nodes.hostOf(1)), "done");
  expect(await nodes.job(id)).toMatchObject({ state: "cancelled", owner: null, next_at: null });
});

it("that is cancelled elsewhere is told with the next renewal", async () => {
  const id = await frozen();
  const { db, jobs } = nodes.hostOf(1);
  await db.write(async (tx) => tx.add(jobs.cancel(id)));
  renewals[0]!();
  await eventually(() => first(id).signal.aborted);
  stuck.end();
  await nodes.stop();
  expect(await nodes.job(id)).toMatchObject({ state: "cancelled" });
  expect(await nodes.effects()).toEqual([]);
});

it("is given back by a node that stops, which is no failure", async () => {
  nodes.work = ({ run }) =>
    run.attempt === 1 &&
    new Promise((_, reject) => run.signal.addEventListener("abort", () => reject(run.signal.reason as Error)));
  const id = await frozen();
  await nodes.stop();
  expect(await nodes.becomes(id, "done")).toMatchObject({ attempt: 2, failures: 0 });
});

it("ends where it is when that is possible before its node has stopped", async () => {
  const id = await frozen();
  first(id).signal.addEventListener("abort", stuck.end);
  await nodes.stop();
  expect(await nodes.job(id)).toMatchObject({ state: "done", attempt: 1 });
});

it("is told that it may be lost when its lease could not be renewed for as long as it lasts", async () => {
  const id = await frozen();
  const { db } = nodes.host;
  jest.spyOn(db, "run").mockRejectedValue(new Error("The database is away."));
  renewals[0]!();
  await new Promise(setImmediate);
  expect(first(id).signal.aborted).toBe(false);
  const real = performance.now.bind(performance);
  jest.spyOn(performance, "now").mockImplementation(() => real() + LEASE);
  renewals[0]!();
  await eventually(() => first(id).signal.aborted);
});
