/**
 * Whatever nodes do to jobs (fail, freeze, stop, come back late), no job is lost, and none takes effect twice.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { Random } from "../../test/support/fixtures/random.ts";
import { insertNote, note } from "../../test/support/systems/notes-service.ts";
import { type Begun, Press } from "../../test/support/systems/press.ts";
import { LEASE } from "./attempt.ts";
import type { RunningJobs } from "./running.ts";

const JOBS = 40;
const ROUNDS = 30;

let nodes: Press;
afterEach(() => nodes.close());

/** Leases are not renewed, so a job that is held long enough is taken over. */
function neverRenew(): void {
  const real = setInterval;
  const never = (act: () => void, pause: number) => real(pause === LEASE / 3 ? () => {} : act, pause);
  jest.spyOn(globalThis, "setInterval").mockImplementation(never as never);
}

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

it(`no job is lost or takes effect twice (SEED=${seed})`, async () => {
  const random = new Random(seed);
  nodes = await Press.open();
  neverRenew();
  const frozen: (() => void)[] = [];
  let isCalm = false;
  const freeze = () => new Promise<void>((resolve) => void frozen.push(resolve));
  nodes.work = async ({ run }: Begun) => {
    if (run.progress === null) {
      if (!isCalm && random.chance(0.3)) await freeze();
      await run.save({ done: 1 }, insertNote.with(note(newId(), { text: `first part of ${run.id}` })));
    }
    if (isCalm) return;
    if (random.chance(0.3)) throw new Error("Chance.");
    if (random.chance(0.4)) await freeze();
  };
  for (let node = 0; node < 3; node += 1) await nodes.start();
  const ids = await Promise.all(Array.from({ length: JOBS }, () => nodes.add("bulk")));
  for (let round = 0; round < ROUNDS; round += 1) {
    await nodes.advance(random.upTo(LEASE));
    for (const thaw of frozen.splice(0, random.upTo(frozen.length + 1))) thaw();
    if (random.chance(0.2)) await restart(random, frozen);
    if (random.chance(0.3)) nodes.brokers[0]!.localBus.emit("$node.disconnected", { node: { id: "node-1" } });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  isCalm = true;
  for (const thaw of frozen.splice(0)) thaw();
  const { jobs } = nodes.host as unknown as { jobs: RunningJobs };
  await eventually(async () => {
    await nodes.advance(LEASE);
    const rows = await nodes.all();
    for (const { id } of rows.filter(({ state }) => state === "dead")) await jobs.retry(id);
    return rows.filter(({ kind }) => kind === "bulk").every(({ state }) => state === "done");
  });
  const effects = (await nodes.effects()).map(({ job }) => job).toSorted();
  expect(effects).toEqual([...ids, ...ids.map((id) => `first part of ${id}`)].toSorted());
});

/** A node stops while some of its jobs are stuck, and another starts. */
async function restart(random: Random, frozen: (() => void)[]): Promise<void> {
  // A job that goes on may get stuck once more.
  const thawing = setInterval(() => {
    for (const thaw of frozen.splice(0)) thaw();
  }, 1);
  await nodes.stop(random.upTo(nodes.brokers.length));
  clearInterval(thawing);
  await nodes.start();
}
