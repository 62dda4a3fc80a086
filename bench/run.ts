/** `npm run bench [-- name …]`: what one process can do. */
import { runBenchmarks } from "./support/runner.ts";

await runBenchmarks(import.meta.dirname, process.argv.slice(2));
