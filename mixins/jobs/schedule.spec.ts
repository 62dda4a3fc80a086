/**
 * Jobs at set times: one for each time, however many nodes there are, and none is missed.
 * @databases sqlite postgres
 */
import { defineContract, job } from "#core/contract.ts";
import { implement } from "#core/implement.ts";
import { Strict } from "#core/schema.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { Press } from "../../test/support/systems/press.ts";
import { database } from "../database/database.mixin.ts";
import { jobs as jobsBlock } from "./jobs.contract.ts";
import { jobs } from "./jobs.mixin.ts";

const MINUTE = 60_000;

let nodes: Press;
beforeEach(async () => {
  nodes = await Press.open();
});
afterEach(() => nodes.close());

/** @param minute of the spec, which begins in the first */
const timeOf = (minute: number) => nodes.fives + minute * MINUTE;
const keyOf = (minute: number) => `tidy@${new Date(timeOf(minute)).toISOString()}`;
const timed = async () => (await nodes.all()).filter(({ kind }) => kind === "tidy");
const waiting = (minute: number) =>
  eventually(async () => (await timed()).find(({ key, state }) => key === keyOf(minute) && state === "waiting"));

it("one node runs the job of each time, and the next is there before its time", async () => {
  await Promise.all(["node-0", "node-1", "node-2"].map((id) => nodes.start(id)));
  const first = await waiting(5);
  expect(first.next_at).toBe(timeOf(5));
  await nodes.advance(4 * MINUTE - 1);
  await nodes.becomes(await nodes.add(), "done");
  expect(nodes.begun.map(({ kind }) => kind)).toEqual(["print"]);
  await nodes.advance(1);
  await nodes.becomes(first.id, "done");
  const second = await waiting(10);
  await nodes.advance(5 * MINUTE);
  await nodes.becomes(second.id, "done");
  await waiting(15);
  expect(nodes.begun.filter(({ kind }) => kind === "tidy")).toHaveLength(2);
});

it("times that passed while no node ran are made up for by one job", async () => {
  await nodes.start();
  await waiting(5);
  await nodes.stop();
  await nodes.advance(31 * MINUTE);
  await nodes.start();
  await waiting(35);
  await eventually(async () => (await timed()).length === 2 && (await timed())[0]!.state === "done");
  expect((await timed()).map(({ key }) => key)).toEqual([keyOf(5), keyOf(35)]);
});

it("a job that was cancelled or removed is not begun, and the one after it is", async () => {
  await nodes.start();
  const { id } = await waiting(5);
  const { db, jobs: own } = nodes.host;
  await db.write(async (tx) => tx.add(own.cancel(id)));
  await nodes.advance(4 * MINUTE);
  const after = await waiting(10);
  await nodes.advance(5 * MINUTE);
  await nodes.becomes(after.id, "done");
  await waiting(15);
  expect((await timed()).map(({ state }) => state)).toEqual(["cancelled", "done", "waiting"]);
});

it("a service does not start with an expression that names no time", async () => {
  const wrong = defineContract("wrong", {
    summary: "",
    blocks: [jobsBlock],
    jobs: { never: job({ summary: "", input: Strict({}), cron: "61 * * * *" }) },
    actions: {},
  });
  const service = implement(wrong, { mixins: [database(), jobs(wrong)], actions: {}, jobs: { never: async () => {} } });
  await expect(startBroker([service])).rejects.toThrow("61");
});
