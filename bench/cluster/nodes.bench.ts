/** What an order costs with one, two and four nodes of every service. */
import type { Benchmark, Row } from "../support/table.ts";
import { ClusterShop, costOf } from "./support/shop.ts";

const SECONDS = 15;
/** For each node of a service: with more of them it takes longer until their code is compiled. */
const WARM_UP = 10;

export const benchmark: Benchmark = {
  title: "The cost of an order with more nodes of every service",
  async run() {
    const rows: Row[] = [];
    let first: number | undefined;
    for (const count of [1, 2, 4]) {
      const shop = await ClusterShop.open(count);
      await shop.checkout(WARM_UP * count);
      const { result, nodes, servers } = await costOf(shop, SECONDS);
      await shop.close();
      const total = nodes + servers;
      first ??= total;
      rows.push({
        what: `${count} of each`,
        value: `${total.toFixed(2)} ms of processor time (${nodes.toFixed(2)} in nodes), ${Math.round(result.perSecond)} orders/s`,
        ratio: total / first,
      });
    }
    return rows;
  },
};
