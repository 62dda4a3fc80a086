/** Starts of playback, heartbeats of players, and continue-watching over a million rows, on SQLite and on PostgreSQL. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../scripts/cluster/servers.ts";
import type { Measures } from "./support/playback-node.ts";
import type { Benchmark, Row } from "./support/table.ts";

type Name = keyof Measures;
type Measured<N extends Name> = Awaited<ReturnType<Measures[N]>>;

const ms = (milliseconds: number): string => `${milliseconds.toFixed(1)} ms`;
const each = (cost: number): string => `${Math.round(cost)} µs of processor time each`;

/** Runs one of the measures in a process and a data folder of its own. */
async function measure<N extends Name>(name: N, env: Readonly<Record<string, string>>): Promise<Measured<N>> {
  const folder = mkdtempSync(join(tmpdir(), "madang-playback-"));
  const child: ChildProcess = fork(join(import.meta.dirname, "support/playback-node.ts"), [name], {
    env: { ...process.env, DATA_DIR: folder, SERVICE_KEY: "the key of a benchmark, which signs nothing else", ...env },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const answer = once(child, "message") as Promise<[Measured<N>]>;
  const end = once(child, "exit").then(([code]) => {
    throw new Error(`The process that measures ended with ${String(code)}.`);
  });
  const [measured] = await Promise.race([answer, end]);
  await end.catch(() => {});
  rmSync(folder, { recursive: true, force: true });
  return measured;
}

async function rowsOf(database: string, env: Readonly<Record<string, string>>): Promise<Row[]> {
  const starts = await measure("starts", env);
  const beats = await measure("heartbeats", env);
  const { few, many, filled } = await measure("continued", env);
  const begin = { what: `${database}: starts, 500/s, all services in one process`, target: "p99 ≤ 20 ms" };
  const go = { what: `${database}: heartbeats, 500 at once`, target: "≥ 5,000/s" };
  const read = (rows: string) => `${database}: continue-watching, ${rows} rows`;
  return [
    { ...begin, value: `p50 ${ms(starts.p50)}, p99 ${ms(starts.p99)}, ${each(starts.cost)}` },
    { ...go, value: `${Math.round(beats.perSecond).toLocaleString("en")}/s, ${each(beats.cost)}` },
    { what: read("10,000"), value: `p50 ${ms(few.p50)}, p99 ${ms(few.p99)}, ${each(few.cost)}` },
    {
      what: read("1,000,000"),
      value: `p50 ${ms(many.p50)}, p99 ${ms(many.p99)}, ${each(many.cost)}, made in ${filled.toFixed(0)} s`,
      ratio: many.cost / few.cost,
      target: "p99 ≤ 10 ms",
    },
  ];
}

export const benchmark: Benchmark = {
  title: "Playback",
  async run() {
    const bare = await measure("bareRow", {});
    const sqlite = await rowsOf("SQLite", {});
    const folder = mkdtempSync(join(tmpdir(), "madang-postgres-"));
    const server = await startPostgres({ folder });
    const env = { SPEC_POSTGRES_URL: server.url, DATABASE_URL: new URL("/{service}", server.url).href };
    const value = `p50 ${ms(bare.p50)}, p99 ${ms(bare.p99)}, ${each(bare.cost)}`;
    try {
      const postgres = await rowsOf("PostgreSQL", env);
      return [{ what: "a row and a commit by bare node:sqlite, 500/s", value }, ...sqlite, ...postgres];
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
