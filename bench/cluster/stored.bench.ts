/** What an order costs in a new shop on PostgreSQL, and in one that has stored a million. */
import type { Benchmark } from "../support/table.ts";
import { multiplyOrders, rest } from "./support/multiply.ts";
import { countOf } from "./support/rows.ts";
import { ClusterShop, costOf } from "./support/shop.ts";

const SECONDS = 15;
const STORED = 1_000_000;

export const benchmark: Benchmark = {
  title: "The cost of an order with few and with many stored in PostgreSQL",
  async run() {
    const shop = await ClusterShop.open(1);
    try {
      const urls = await shop.databases();
      const stored = () => countOf(urls.get("order")!, "orders");
      await shop.checkout(5);
      const few = await stored();
      const young = await costOf(shop, SECONDS);
      await rest(urls);
      const placed = await stored();
      const { url } = shop.cluster.postgres;
      const own = [...urls.keys()].map((service) => url.replace(/postgres$/, service));
      await multiplyOrders(own, placed, Math.ceil(STORED / placed));
      const many = await stored();
      await shop.checkout(5);
      const old = await costOf(shop, SECONDS);
      const cost = ({ nodes, servers }: typeof old) => nodes + servers;
      const text = (count: number) => `with ${count.toLocaleString("en")} orders`;
      return [
        { what: text(few), value: `${cost(young).toFixed(2)} ms of processor time` },
        {
          what: text(many),
          value: `${cost(old).toFixed(2)} ms of processor time`,
          ratio: cost(old) / cost(young),
          target: "≤ 1.20 ×",
        },
      ];
    } finally {
      await shop.close();
    }
  },
};
