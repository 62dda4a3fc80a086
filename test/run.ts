/** Runs the specs: four files at a time, and the one that measures what customers notice of faults by itself, last. */
import { run, runCLI } from "jest";

const MEASURED = "/test/fault/availability.spec.ts";

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
