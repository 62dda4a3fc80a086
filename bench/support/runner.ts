/** Runs the benchmarks of a folder one after another and prints their tables. */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Benchmark, format } from "./table.ts";

/** @param wanted names of benchmarks; all by default */
export async function runBenchmarks(folder: string, wanted: readonly string[]): Promise<void> {
  const all = readdirSync(folder)
    .filter((file) => file.endsWith(".bench.ts"))
    .map((file) => file.replace(".bench.ts", ""))
    .toSorted();
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no benchmark ${unknown.join(", ")}: choose from ${all.join(", ")}.`);
    process.exit(1);
  }
  console.log(`Node ${process.version}, ${availableParallelism()} cores. Ratios compare figures of this run.`);
  for (const name of wanted.length > 0 ? wanted : all) {
    process.stderr.write(`… ${name}\r`);
    const { benchmark } = (await import(join(folder, `${name}.bench.ts`))) as { benchmark: Benchmark };
    console.log(format(benchmark, await benchmark.run()));
  }
}
