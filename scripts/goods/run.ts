/**
 * `npm run goods -- 100000 --orders 50000`: fills the shop with so many made-up products and orders, in this data folder or
 * through the nodes of a cluster. Run again, it goes on where it was.
 */
import { parseArgs } from "node:util";
import type { Service } from "moleculer";
import type { Ctx } from "#core/context.ts";
import type { Database } from "#mixins/database/database.ts";
import { giveUp } from "#mixins/node/fault.ts";
import { joinLocalCluster } from "#mixins/node/join.ts";
import type { OrderTables } from "../../services/order/order.repository.ts";
import { goodsOf } from "./goods.ts";
import { fillOrders } from "./orders.ts";

/** Products of one request: its transaction must not keep others waiting. */
const BATCH = 100;
const MOST = 10_000_000;
const WIDTH = 30;

function show(what: string, done: number, count: number): void {
  if (!process.stderr.isTTY) return;
  const full = Math.round((done / count) * WIDTH);
  const bar = `${"█".repeat(full)}${"░".repeat(WIDTH - full)}`;
  process.stderr.write(`\r${bar} ${done.toLocaleString("en")} of ${count.toLocaleString("en")} ${what}`);
  if (done === count) process.stderr.write("\n");
}

const countIn = (text: string | undefined): number => (/^\d{1,8}$/.test(text ?? "") ? Number(text) : NaN);

async function asked(): Promise<{ readonly products: number; readonly orders: number }> {
  const { ConfigError } = await import("#core/config.ts");
  const { positionals, values } = parseArgs({
    options: { orders: { type: "string", default: "0" } },
    allowPositionals: true,
    strict: false,
  });
  const [products, orders] = [countIn(positionals[0]), countIn(`${values.orders}`)];
  const known = positionals.length === 1 && Object.keys(values).length === 1;
  if (known && products >= 1 && products <= MOST && orders >= 0 && orders <= MOST) return { products, orders };
  throw new ConfigError(
    "Usage: npm run goods -- 100000 --orders 50000, with the number of products, and of orders if there shall be any; both up to 10,000,000.",
  );
}

async function fillProducts(ctx: Ctx, count: number): Promise<void> {
  let added = 0;
  for (let from = 0; from < count; from += BATCH) {
    const products = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => goodsOf(from + index));
    added += (await ctx.call("product.seed", { products })).added;
    show("products", Math.min(from + BATCH, count), count);
  }
  console.log(
    `${added.toLocaleString("en")} products were added, ${(count - added).toLocaleString("en")} were there already.`,
  );
}

/** Rows of another service are written here because nobody asks for orders of the past in any other way. */
async function orderDatabase(local: Service | undefined): Promise<Database<OrderTables>> {
  if (local) return (local as Service & { readonly db: Database<OrderTables> }).db;
  const { openDatabase } = await import("#mixins/database/open.ts");
  return openDatabase({ service: "order", cache: null, warn: (line) => console.error(line) });
}

async function fill(): Promise<void> {
  const { products, orders } = await asked();
  joinLocalCluster();
  const [{ topology }, { commandBroker }, { workContext }] = await Promise.all([
    import("#mixins/node/topology.ts"),
    import("#mixins/node/command.ts"),
    import("#core/context.ts"),
  ]);
  const broker = await commandBroker();
  const local = topology.isCluster ? [] : ["product", ...(orders > 0 ? ["order"] : [])];
  const services = await Promise.all(
    local.map(async (name) =>
      broker.createService((await import(`../../services/${name}/${name}.service.ts`)).default),
    ),
  );
  const asking = broker.createService({ name: "goods" });
  await broker.start();
  await broker.waitForServices(["v1.product"], 30_000);
  const ctx = workContext(asking);
  await fillProducts(ctx, products);
  if (orders > 0) {
    const { items: sold } = await ctx.call("product.list", { limit: 100 });
    await fillOrders(await orderDatabase(services[1]), orders, sold, (done) => show("orders", done, orders));
    console.log(`${orders.toLocaleString("en")} orders are there.`);
  }
  await broker.stop();
  process.exit();
}

fill().catch(giveUp);
