/** A process that fills a catalogue, and measures searches, facets and lists of it. */
import { ServiceBroker } from "moleculer";
import { workContext } from "#core/context.ts";
import type { ActionName, Input } from "#core/contract.ts";
import config from "../../moleculer.config.ts";
import { goodsOf } from "../../scripts/goods/goods.ts";
import service from "../../services/product/product.service.ts";
import { showProgress } from "./progress.ts";

const BATCH = 100;
const ROUNDS = 5;

interface Percentiles {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}
export interface Measured {
  /** Products per second. */
  readonly filled: number;
  readonly search: Percentiles;
  readonly sorted: Percentiles;
  readonly facets: Percentiles;
  readonly list: Percentiles;
}

/** Frequent and rare words, parts of words, several words, typos, and what is nowhere. */
const words = [
  "녹차",
  "teapot",
  "for",
  "b",
  "차",
  "boseong ceramic",
  "제주 녹차",
  "icheon brass vase",
  "K123",
  "teapto",
  "녹챠",
  "latnern",
  "zzzzqqq",
  goodsOf(777).name,
];

async function measure(count: number): Promise<Measured> {
  const broker = new ServiceBroker({ ...config, logger: false, requestTimeout: 0 });
  broker.createService(service);
  const asking = broker.createService({ name: "goods" });
  await broker.start();
  const ctx = workContext(asking);
  const begun = performance.now();
  for (let from = 0; from < count; from += BATCH) {
    await ctx.call("product.seed", { products: Array.from({ length: BATCH }, (_, index) => goodsOf(from + index)) });
    showProgress(`${count.toLocaleString("en")} products`, Math.min((from + BATCH) / count, 1));
  }
  const filled = count / ((performance.now() - begun) / 1000);

  const timed = async <N extends ActionName>(name: N, inputs: readonly Input<N>[]): Promise<Percentiles> => {
    const times: number[] = [];
    for (const input of Array.from({ length: ROUNDS }, () => inputs).flat()) {
      const start = performance.now();
      await broker.call(name, input);
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    return { p50: times[times.length >> 1]!, p99: times[Math.floor(times.length * 0.99)]! };
  };
  const { items } = await ctx.call("product.listCategories", { limit: 1 });
  const category = items[0]!.id;
  const queries = words.flatMap((q) => [
    { q },
    { q, category },
    { q, minPrice: 50_000, maxPrice: 60_000, inStock: true },
  ]);
  const measured = {
    filled,
    search: await timed("product.list", queries),
    sorted: await timed(
      "product.list",
      words.flatMap((q) => [
        { q, sort: "price" as const },
        { q, sort: "name" as const },
      ]),
    ),
    facets: await timed("product.getFacets", [{}, { category }, ...queries]),
    list: await timed("product.list", [
      {},
      { sort: "price" },
      { sort: "-price", inStock: true },
      { sort: "name" },
      { category },
    ]),
  };
  await broker.stop();
  return measured;
}

process.send!(await measure(Number(process.argv[2])));
process.exit();
