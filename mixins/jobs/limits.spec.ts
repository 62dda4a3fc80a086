/**
 * What holds for all jobs of a kind on all nodes together: how many at once, how many a second, and whether any may begin.
 * @databases sqlite postgres
 */
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { held, Press } from "../../test/support/systems/press.ts";

let nodes: Press;
beforeEach(async () => {
  nodes = await Press.open();
  await nodes.start();
  await nodes.start();
});
afterEach(() => nodes.close());

const addMany = (kind: "print" | "bind" | "ship", count: number) =>
  Promise.all(Array.from({ length: count }, () => nodes.add(kind)));
const allDone = async (ids: readonly string[]) => {
  for (const id of ids) await nodes.becomes(id, "done");
};

it("no more run at once than the kind allows, and the next begins when one ends", async () => {
  let [running, most] = [0, 0];
  nodes.work = async () => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
  };
  const ids = await addMany("bind", 10);
  await allDone(ids);
  expect(most).toBe(2);
});

it("no kind waits for another whose jobs take all that a node runs", async () => {
  const { wait, end } = held();
  nodes.work = ({ kind }) => (kind === "print" ? wait() : undefined);
  const long = await addMany("print", 30);
  await eventually(() => nodes.begun.length === 20);
  await allDone(await addMany("bind", 3));
  end();
  await allDone(long);
});

it("no more begin than the rate allows, whichever node runs them", async () => {
  const ids = await addMany("ship", 6);
  await eventually(() => nodes.begun.length === 2);
  for (const count of [3, 4, 5, 6]) {
    await nodes.advance(499);
    await nodes.becomes(await nodes.add("print"), "done");
    expect(nodes.begun.filter(({ kind }) => kind === "ship")).toHaveLength(count - 1);
    await nodes.advance(1);
    await eventually(() => nodes.begun.filter(({ kind }) => kind === "ship").length === count);
  }
  await allDone(ids);
});

it("none begins while the kind is paused, and those that run go on", async () => {
  const { wait, end } = held();
  nodes.work = ({ kind }) => (kind === "bind" ? wait() : undefined);
  const running = await nodes.add("bind");
  await eventually(() => nodes.attemptsOf(running).length === 1);
  const { db } = nodes.host;
  await db.write(({ query }) => query.updateTable("job_kinds").set({ paused: 1 }).where("kind", "=", "bind").execute());
  const waiting = await nodes.add("bind");
  end();
  await nodes.becomes(running, "done");
  await nodes.becomes(await nodes.add("print"), "done");
  expect(await nodes.job(waiting)).toMatchObject({ state: "waiting", attempt: 0 });
  await db.write(({ query }) => query.updateTable("job_kinds").set({ paused: 0 }).where("kind", "=", "bind").execute());
  await nodes.advance(5000);
  await nodes.becomes(waiting, "done");
});
