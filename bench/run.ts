/** `npm run bench [-- name …]`: runs the benchmarks one after another and prints their tables. */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type Benchmark, format } from "./support/table.ts";

const all = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".bench.ts"))
  .map((file) => file.replace(".bench.ts", ""))
  .toSorted();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}: choose from ${all.join(", ")}.`);
  process.exit(1);
}

console.log(`Node ${process.version}, ${availableParallelism()} cores. Ratios compare figures of this run.`);
for (const name of wanted.length > 0 ? wanted : all) {
  process.stderr.write(`… ${name}\r`);
  const { benchmark } = (await import(`./${name}.bench.ts`)) as { benchmark: Benchmark };
  console.log(format(benchmark, await benchmark.run()));
}
