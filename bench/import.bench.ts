/** What the import of a product costs, on SQLite and on PostgreSQL, beside the same products added by `product.seed`. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { count, defineConfig } from "#core/config.ts";
import { startPostgres } from "../scripts/cluster/servers.ts";
import type { Costs } from "./support/import-node.ts";
import type { Benchmark, Row } from "./support/table.ts";

const { BENCH_ROWS: ROWS } = defineConfig("bench-import", {
  BENCH_ROWS: count("Rows of the file that is imported.", 20_000, { least: 100, most: 1_000_000 }),
});
type Way = "import" | "seed";

async function measure(way: Way, env: Readonly<Record<string, string>>): Promise<Costs> {
  const folder = mkdtempSync(join(tmpdir(), "madang-import-"));
  const child = fork(join(import.meta.dirname, "support/import-node.ts"), [way, `${ROWS}`], {
    env: {
      ...process.env,
      DATA_DIR: folder,
      DEMO: "off",
      SERVICE_KEY: "the key of a benchmark, which signs nothing else",
      ...env,
    },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const answer = once(child, "message") as Promise<[Costs]>;
  const end = once(child, "exit").then(([code]) => {
    throw new Error(`The process that measures ended with ${String(code)}.`);
  });
  const [costs] = await Promise.race([answer, end]);
  await end.catch(() => {});
  rmSync(folder, { recursive: true, force: true });
  return costs;
}

/** 100,000 rows in a minute, by a process that has a processor for itself. */
const TARGET = "≤ 0.60 ms";

async function rowsOf(database: string, envOf: (way: Way) => Promise<Record<string, string>>): Promise<Row[]> {
  const seeded = await measure("seed", await envOf("seed"));
  const imported = await measure("import", await envOf("import"));
  const [baseline] = Object.values(seeded);
  return Object.entries({ ...seeded, ...imported }).map(([what, { speed, processor }], at) => ({
    what: `${database}: ${what}`,
    value: `${processor.toFixed(3)} ms of processor time, ${Math.round(speed).toLocaleString("en")} rows/s`,
    ...(at > 0 && { ratio: processor / baseline!.processor }),
    ...(at === 1 && { target: TARGET }),
  }));
}

export const benchmark: Benchmark = {
  title: `An import of ${ROWS.toLocaleString("en")} products`,
  async run() {
    const sqlite = await rowsOf("SQLite", async () => ({}));
    const folder = mkdtempSync(join(tmpdir(), "madang-postgres-"));
    const server = await startPostgres({ folder });
    try {
      const postgres = await rowsOf("PostgreSQL", async (way) => ({ DATABASE_URL: await server.database(way) }));
      return [...sqlite, ...postgres];
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
