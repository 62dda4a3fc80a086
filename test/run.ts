/** Runs the specs: four files at a time, and the one that measures what customers notice of faults by itself, last. */
import { mkdirSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { run, runCLI } from "jest";
import { isAlive } from "#mixins/node/alive.ts";

const MEASURED = "/test/fault/availability.spec.ts";

/** A file system in memory, which Linux has; and bytes that must be free there: a run takes less than half of it. */
const [MEMORY, ROOM] = ["/dev/shm", 4 * 2 ** 30];

keepInMemory();
const args = process.argv.slice(2);
if (args.length > 0) await run(args);
else {
  await runOf({ testPathIgnorePatterns: ["/node_modules/", MEASURED] });
  await runOf({ testPathPatterns: [MEASURED], maxWorkers: 1 });
}

async function runOf(options: Partial<Parameters<typeof runCLI>[0]>): Promise<void> {
  const { results } = await runCLI({ _: [], $0: "jest", ...options }, [process.cwd()]);
  if (!results.success) process.exitCode = 1;
}

/** Databases of specs are read by nobody after the run, so a disk only makes them wait. Kills of processes lose nothing in memory. */
function keepInMemory(): void {
  if (process.env.TMPDIR !== undefined || !hasRoom()) return;
  for (const name of readdirSync(MEMORY)) {
    const owner = /^madang-test-(\d+)$/.exec(name)?.[1];
    if (owner && !isAlive(Number(owner))) rmSync(join(MEMORY, name), { recursive: true, force: true });
  }
  const folder = join(MEMORY, `madang-test-${process.pid}`);
  mkdirSync(folder);
  process.env.TMPDIR = folder;
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}
