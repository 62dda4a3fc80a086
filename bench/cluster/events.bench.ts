/** How long after its commit an event is handled by another node, over PostgreSQL and JetStream. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startNats, startPostgres } from "../../scripts/cluster/servers.ts";
import type { Benchmark } from "../support/table.ts";

const SECONDS = 10;
const peer = join(import.meta.dirname, "peers/events.ts");

async function delays(rate: number, env: NodeJS.ProcessEnv): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [peer, `${rate}`, `${SECONDS}`], {
    env,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout) as number[];
}

export const benchmark: Benchmark = {
  title: "An event from its commit to its handler in another node",
  async run() {
    const dataDir = mkdtempSync(join(tmpdir(), "madang-bench-"));
    const nats = await startNats({ folder: join(dataDir, "nats") });
    const postgres = await startPostgres({ folder: join(dataDir, "postgres") });
    for (const service of ["ticker", "listener"]) await postgres.database(service);
    const env = {
      ...process.env,
      DATA_DIR: dataDir,
      TRANSPORTER: nats.url,
      DATABASE_URL: postgres.url.replace(/postgres$/, "{service}"),
    };
    try {
      const rows = [];
      for (const rate of [100, 500]) {
        const sorted = await delays(rate, env);
        const at = (share: number) => sorted[Math.floor(sorted.length * share)]!.toFixed(1);
        rows.push({
          what: `${rate.toLocaleString("en")} events/s`,
          value: `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${sorted.at(-1)!.toFixed(1)} ms`,
        });
      }
      return rows;
    } finally {
      await postgres.stop();
      await nats.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};
