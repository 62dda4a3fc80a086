/**
 * Jobs of nodes that are processes: one is killed within a job, one is frozen and comes back late.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { NodeProcess } from "../support/systems/nodes.ts";
import { Press } from "../support/systems/press.ts";
import { storage } from "../support/systems/storage.ts";
import { LEASE } from "#mixins/jobs/attempt.ts";

const onPostgres = storage() === "postgres" ? it : () => {};

let nodes: Press;
let job: string;
const processes: NodeProcess[] = [];
beforeEach(async () => {
  nodes = await Press.open();
  job = newId();
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.end("SIGKILL")));
  await nodes.close();
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<NodeProcess> {
  const services = ["test/support/systems/press-node.ts"];
  const node = await NodeProcess.start({ id: "process", services, env: { PRESS_JOB: job, ...env } });
  processes.push(node);
  return node;
}
const tells = (node: NodeProcess, what: string) => eventually(() => node.output.includes(what));

/** It is within the job, and stays there. */
async function startStuck(): Promise<NodeProcess> {
  const node = await start({ PRESS_STUCK: "on" });
  await tells(node, "attempt 1 has begun");
  return node;
}
const effects = async () => (await nodes.effects()).filter((effect) => effect.job === job);

it("a job begins again when a killed node is started again, and takes effect once", async () => {
  const killed = await startStuck();
  await killed.end("SIGKILL");
  const restarted = await start();
  await tells(restarted, "attempt 2 has begun");
  // An embedded database belongs to one process.
  await restarted.end();
  await nodes.start();
  expect(await nodes.becomes(job, "done")).toMatchObject({ attempt: 2, failures: 1 });
  expect(await effects()).toHaveLength(1);
});

onPostgres("a job of a killed node goes on elsewhere when its lease ends", async () => {
  const killed = await startStuck();
  await nodes.start("other");
  await killed.end("SIGKILL");
  await nodes.advance(LEASE);
  expect(await nodes.becomes(job, "done")).toMatchObject({ attempt: 2, failures: 1 });
  expect(await effects()).toEqual([{ job, node: "other" }]);
});

onPostgres("a frozen node that comes back after its lease changes nothing, and its handler is told", async () => {
  const frozen = await startStuck();
  await nodes.start("other");
  frozen.signal("SIGSTOP");
  await nodes.advance(LEASE);
  expect(await nodes.becomes(job, "done")).toMatchObject({ attempt: 2 });
  frozen.signal("SIGCONT");
  await tells(frozen, "attempt 1 is told");
  frozen.signal("SIGUSR2");
  await tells(frozen, "This attempt does not have the job any more.");
  expect(await frozen.end()).toBe(0);
  expect(await nodes.job(job)).toMatchObject({ state: "done", attempt: 2, progress: null });
  expect(await effects()).toEqual([{ job, node: "other" }]);
});
