/** From the command to /readyz, on a data folder that is new and on one that is not, and the memory it takes. */
import { rmSync } from "node:fs";
import { Platform } from "../test/support/platform.ts";
import { residentMemory } from "./support/process.ts";
import { BUYERS, openShop } from "./support/shop.ts";
import type { Benchmark } from "./support/table.ts";

async function start(dataDir?: string): Promise<{ seconds: number; platform: Platform }> {
  const began = performance.now();
  const platform = await Platform.start(dataDir ? { dataDir } : {});
  return { seconds: (performance.now() - began) / 1000, platform };
}

export const benchmark: Benchmark = {
  title: "Start and memory",
  async run() {
    const first = await start();
    await first.platform.accounts();
    const idle = residentMemory(first.platform.pid);
    await first.platform.end();
    const again = await start(first.platform.dataDir);
    await again.platform.end();
    rmSync(first.platform.dataDir, { recursive: true });
    const { platform, checkout } = await openShop();
    await checkout(10);
    const busy = residentMemory(platform.pid);
    await platform.dispose();
    return [
      { what: "first start to /readyz", value: `${first.seconds.toFixed(2)} s`, target: "≤ 2 s" },
      { what: "later start to /readyz", value: `${again.seconds.toFixed(2)} s`, target: "≤ 2 s" },
      { what: "memory (RSS), idle", value: `${idle.toFixed(0)} MB`, target: "≤ 250 MB" },
      { what: `memory (RSS), after 10 s of ${BUYERS} buyers`, value: `${busy.toFixed(0)} MB`, target: "≤ 250 MB" },
    ];
  },
};
