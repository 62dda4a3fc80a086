/**
 * `npm run goods -- 100000`: fills the shop with so many made-up products, in this data folder or through the nodes of a
 * cluster. Run again, it goes on where it was.
 */
import { giveUp } from "#mixins/node/fault.ts";
import { joinLocalCluster } from "#mixins/node/join.ts";
import { goodsOf } from "./goods.ts";

/** Products of one request: its transaction must not keep others waiting. */
const BATCH = 100;
const WIDTH = 30;

function show(done: number, count: number): void {
  if (!process.stderr.isTTY) return;
  const full = Math.round((done / count) * WIDTH);
  process.stderr.write(
    `\r${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${done.toLocaleString("en")} of ${count.toLocaleString("en")}`,
  );
  if (done === count) process.stderr.write("\n");
}

async function fill(): Promise<void> {
  const { ConfigError } = await import("#core/config.ts");
  const count = Number(process.argv[2]);
  if (process.argv.length !== 3 || !Number.isInteger(count) || count < 1 || count > 10_000_000)
    throw new ConfigError("Usage: npm run goods -- 100000, with the number of products, up to 10,000,000.");
  joinLocalCluster();
  const [{ topology }, { commandBroker }, { workContext }] = await Promise.all([
    import("#mixins/node/topology.ts"),
    import("#mixins/node/command.ts"),
    import("#core/context.ts"),
  ]);
  const broker = await commandBroker();
  if (!topology.isCluster) broker.createService((await import("../../services/product/product.service.ts")).default);
  const asking = broker.createService({ name: "goods" });
  await broker.start();
  await broker.waitForServices(["v1.product"], 30_000);
  const ctx = workContext(asking);
  let added = 0;
  for (let from = 0; from < count; from += BATCH) {
    const products = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => goodsOf(from + index));
    added += (await ctx.call("product.seed", { products })).added;
    show(Math.min(from + BATCH, count), count);
  }
  await broker.stop();
  console.log(
    `${added.toLocaleString("en")} products were added, ${(count - added).toLocaleString("en")} were there already.`,
  );
  process.exit();
}

fill().catch(giveUp);
