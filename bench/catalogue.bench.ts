/** Searches, facets and lists of a large catalogue, and the history of as many orders, on SQLite and on PostgreSQL. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { count, defineConfig } from "#core/config.ts";
import { startPostgres } from "../scripts/cluster/servers.ts";
import type { Measured as Catalogue } from "./support/catalogue-node.ts";
import type { Measured as History } from "./support/history-node.ts";
import type { Benchmark, Row } from "./support/table.ts";

/** Set it to 1000000 for the figures of docs; filling that many takes ten minutes on SQLite, and half an hour on PostgreSQL. */
const { BENCH_PRODUCTS: PRODUCTS } = defineConfig("bench", {
  BENCH_PRODUCTS: count("Products of the catalogue that is measured, and orders beside it.", 100_000, {
    least: 100,
    most: 10_000_000,
  }),
});

async function measure<M>(node: string, env: Readonly<Record<string, string>>): Promise<M> {
  const folder = mkdtempSync(join(tmpdir(), "madang-catalogue-"));
  const child = fork(join(import.meta.dirname, `support/${node}-node.ts`), [`${PRODUCTS}`], {
    env: {
      ...process.env,
      DATA_DIR: folder,
      DEMO: "off",
      SERVICE_KEY: "the key of a benchmark, which signs nothing else",
      ...env,
    },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const answer = once(child, "message") as Promise<[M]>;
  const end = once(child, "exit").then(([code]) => {
    throw new Error(`The process that measures ended with ${String(code)}.`);
  });
  const [measured] = await Promise.race([answer, end]);
  await end.catch(() => {});
  rmSync(folder, { recursive: true, force: true });
  return measured;
}

type Times = Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
const targets: Readonly<Record<string, string>> = {
  search: "p99 ≤ 50 ms",
  facets: "p99 ≤ 80 ms",
  "a customer's orders": "p99 ≤ 20 ms",
  "all orders": "p99 ≤ 20 ms",
};
const filledRow = (what: string, perSecond: number): Row => ({
  what,
  value: `${Math.round(perSecond).toLocaleString("en")}/s`,
});

const rowsOf = (database: string, times: Times): Row[] =>
  Object.entries(times).map(([what, { p50, p99 }]) => ({
    what: `${database}: ${what}`,
    value: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    ...(targets[what] && { target: targets[what] }),
  }));

async function measureBoth(database: string, envOf: (service: string) => Promise<Readonly<Record<string, string>>>) {
  const { filled, ...catalogue } = await measure<Catalogue>("catalogue", await envOf("product"));
  const { filled: placed, customer, regular, staff } = await measure<History>("history", await envOf("order"));
  const history = { "a customer's orders": customer, "those of one with very many": regular, "all orders": staff };
  return [
    filledRow(`${database}: products are filled in`, filled),
    ...rowsOf(database, catalogue),
    filledRow(`${database}: orders are filled in`, placed),
    ...rowsOf(database, history),
  ];
}

export const benchmark: Benchmark = {
  title: `A shop with ${PRODUCTS.toLocaleString("en")} products and as many orders`,
  async run() {
    const sqlite = await measureBoth("SQLite", async () => ({}));
    const folder = mkdtempSync(join(tmpdir(), "madang-postgres-"));
    const server = await startPostgres({ folder });
    try {
      const envOf = async (service: string) => ({ DATABASE_URL: await server.database(service) });
      return [...sqlite, ...(await measureBoth("PostgreSQL", envOf))];
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
