/** `npm run bench:cluster [-- name …]`: what many processes on real servers can do. */
import { runBenchmarks } from "../support/runner.ts";

await runBenchmarks(import.meta.dirname, process.argv.slice(2));
// Servers of benchmarks that failed half-way must not keep the process.
process.exit();
