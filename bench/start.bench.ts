/** From the command to /readyz, with nothing there and with what a start leaves behind, and the memory it takes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Platform } from "../test/support/systems/platform.ts";
import { residentMemory } from "./support/process.ts";
import { BUYERS, openShop } from "./support/shop.ts";
import type { Benchmark } from "./support/table.ts";

/** @param compiled folder of the code that a start before has compiled */
async function start(compiled: string, dataDir?: string): Promise<{ seconds: number; platform: Platform }> {
  const began = performance.now();
  const platform = await Platform.start({ env: { NODE_COMPILE_CACHE: compiled }, ...(dataDir && { dataDir }) });
  return { seconds: (performance.now() - began) / 1000, platform };
}

export const benchmark: Benchmark = {
  title: "Start and memory",
  async run() {
    const compiled = mkdtempSync(join(tmpdir(), "madang-compiled-"));
    const first = await start(compiled);
    await first.platform.accounts();
    const idle = residentMemory(first.platform.pid);
    await first.platform.end();
    const again = await start(compiled, first.platform.dataDir);
    await again.platform.end();
    for (const folder of [first.platform.dataDir, compiled]) rmSync(folder, { recursive: true });
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
