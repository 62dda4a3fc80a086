/** Searches, facets and lists of a large catalogue, and how fast it is filled, on SQLite and on PostgreSQL. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { count, defineConfig } from "#core/config.ts";
import { startPostgres } from "../scripts/cluster/servers.ts";
import type { Measured } from "./support/catalogue-node.ts";
import type { Benchmark, Row } from "./support/table.ts";

/** Set it to 1000000 for the figures of docs; filling that many takes a quarter of an hour for each database. */
const { BENCH_PRODUCTS: PRODUCTS } = defineConfig("bench", {
  BENCH_PRODUCTS: count("Products of the catalogue that is measured.", 100_000, { least: 100, most: 10_000_000 }),
});

async function measure(env: Readonly<Record<string, string>>): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "madang-catalogue-"));
  const child = fork(join(import.meta.dirname, "support/catalogue-node.ts"), [`${PRODUCTS}`], {
    env: {
      ...process.env,
      DATA_DIR: folder,
      DEMO: "off",
      SERVICE_KEY: "the key of a benchmark, which signs nothing else",
      ...env,
    },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const answer = once(child, "message") as Promise<[Measured]>;
  const end = once(child, "exit").then(([code]) => {
    throw new Error(`The process that measures ended with ${String(code)}.`);
  });
  const [measured] = await Promise.race([answer, end]);
  await end.catch(() => {});
  rmSync(folder, { recursive: true, force: true });
  return measured;
}

function rowsOf(database: string, { filled, ...times }: Measured): Row[] {
  const targets: Readonly<Record<string, string>> = { search: "p99 ≤ 50 ms", facets: "p99 ≤ 80 ms" };
  const rows = Object.entries(times).map(([what, { p50, p99 }]) => ({
    what: `${database}: ${what}`,
    value: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    ...(targets[what] && { target: targets[what] }),
  }));
  return [{ what: `${database}: filled`, value: `${Math.round(filled).toLocaleString("en")} products/s` }, ...rows];
}

export const benchmark: Benchmark = {
  title: `A catalogue of ${PRODUCTS.toLocaleString("en")} products`,
  async run() {
    const sqlite = rowsOf("SQLite", await measure({}));
    const folder = mkdtempSync(join(tmpdir(), "madang-postgres-"));
    const server = await startPostgres({ folder });
    try {
      const env = { DATABASE_URL: await server.database("product") };
      return [...sqlite, ...rowsOf("PostgreSQL", await measure(env))];
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
