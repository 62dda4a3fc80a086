/** Checkout over HTTP on PostgreSQL and NATS, a process for each service, beside the same rows by bare `pg`. */
import type { Benchmark, Row } from "../support/table.ts";
import { ClusterShop, costOf } from "./support/shop.ts";
import { writeBare } from "./support/rows.ts";

/** Who place orders at once: the more there are, the more is done in one turn, and the longer each waits. */
const CLIENTS = [32, 64, 128, 256];
const SECONDS = 15;
/** Before that: until then V8 still compiles what is called often. */
const WARM_UP = 30;
const SAMPLE = 1000;

const perSecond = (orders: number) => `${Math.round(orders).toLocaleString("en")} orders/s`;

export const benchmark: Benchmark = {
  title: `POST /orders on PostgreSQL and NATS, one process per service, ${SECONDS} s each after ${WARM_UP} s`,
  async run() {
    const shop = await ClusterShop.open(1);
    try {
      await shop.checkout(WARM_UP);
      const rows: Row[] = [];
      let most = 0;
      for (const clients of CLIENTS) {
        const { result, nodes, servers } = await costOf(shop, SECONDS, clients);
        most = Math.max(most, result.perSecond);
        const times = `p50 ${result.p50.toFixed(0)} ms, p99 ${result.p99.toFixed(0)} ms`;
        const cost = `${nodes.toFixed(1)} ms of processor time in nodes, ${servers.toFixed(1)} ms in servers`;
        rows.push({ what: `${clients} clients`, value: `${perSecond(result.perSecond)}, ${times}, ${cost}` });
      }
      const bare = await writeBare(await shop.databases(), SAMPLE);
      return [
        ...rows,
        { what: "the most of them", value: perSecond(most), target: "≥ 250, aim 600" },
        { what: "bare pg, the same rows", value: perSecond(bare), ratio: most / bare },
      ];
    } finally {
      await shop.close();
    }
  },
};
