/** Checkout over HTTP on PostgreSQL and NATS, a process for each service, beside the same rows by bare `pg`. */
import type { Benchmark } from "../support/table.ts";
import { BUYERS, ClusterShop, costOf } from "./support/shop.ts";
import { writeBare } from "./support/rows.ts";

const SECONDS = 30;
/** Before that: until then V8 still compiles what is called often. */
const WARM_UP = 30;
const SAMPLE = 1000;

export const benchmark: Benchmark = {
  title: `POST /orders on PostgreSQL and NATS, one process per service, ${BUYERS} clients, ${SECONDS} s after ${WARM_UP} s`,
  async run() {
    const shop = await ClusterShop.open(1);
    try {
      await shop.checkout(WARM_UP);
      const { result, nodes, servers } = await costOf(shop, SECONDS);
      const bare = await writeBare(await shop.databases(), SAMPLE);
      const orders = (value: number) => `${Math.round(value).toLocaleString("en")} orders/s`;
      return [
        { what: "Madang", value: orders(result.perSecond), target: "≥ 250, aim 600" },
        { what: "p50, p99", value: `${result.p50.toFixed(0)} ms, ${result.p99.toFixed(0)} ms` },
        { what: "processor time of an order in nodes", value: `${nodes.toFixed(2)} ms` },
        { what: "… and in PostgreSQL, NATS, Redis and the provider", value: `${servers.toFixed(2)} ms` },
        { what: "bare pg, the same rows", value: orders(bare), ratio: result.perSecond / bare },
      ];
    } finally {
      await shop.close();
    }
  },
};
