/** What an order costs in a new shop, and in one that has stored 200 000. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { countOf, multiplyOrders } from "./support/multiply.ts";
import { cpuTime } from "./support/process.ts";
import { openShop, type Shop } from "./support/shop.ts";
import type { Benchmark } from "./support/table.ts";

const SECONDS = 8;
const STORED = 200_000;

/** Milliseconds of processor time an order takes. */
async function cost({ platform, checkout }: Shop): Promise<number> {
  const before = cpuTime(platform.pid);
  const { requests } = await checkout(SECONDS);
  return (cpuTime(platform.pid) - before) / requests;
}

const stored = (dataDir: string): string =>
  `${countOf(join(dataDir, "order.db"), "orders").toLocaleString("en")} orders`;

export const benchmark: Benchmark = {
  title: "The cost of an order with few and with many stored",
  async run() {
    const young = await openShop();
    const { dataDir } = young.platform;
    await young.checkout(2);
    const few = stored(dataDir);
    const first = await cost(young);
    await young.platform.end();
    multiplyOrders(dataDir, Math.ceil(STORED / countOf(join(dataDir, "order.db"), "orders")));
    const many = stored(dataDir);
    const old = await openShop(dataDir);
    await old.checkout(2);
    const later = await cost(old);
    await old.platform.dispose();
    rmSync(dataDir, { recursive: true, force: true });
    return [
      { what: `with ${few}`, value: `${first.toFixed(2)} ms of processor time` },
      {
        what: `with ${many}`,
        value: `${later.toFixed(2)} ms of processor time`,
        ratio: later / first,
        target: "≤ 1.20 ×",
      },
    ];
  },
};
