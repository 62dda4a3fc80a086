/** A process that adds products, by an import or by `product.seed`, and says what each cost it. */
import { setTimeout as pause } from "node:timers/promises";
import { ServiceBroker } from "moleculer";
import type { ActionName, Input, Output } from "#core/contract.ts";
import { workContext } from "#core/context.ts";
import { lineOf } from "#core/csv.ts";
import { newId } from "#core/id.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import config from "../../moleculer.config.ts";
import { goodsOf } from "../../scripts/goods/goods.ts";
import service from "../../services/product/product.service.ts";

const PART = 720_000;
const BATCH = 100;

export interface Cost {
  /** Products per second. */
  readonly speed: number;
  /** Milliseconds of this process's processor time for each. */
  readonly processor: number;
}
export type Costs = Readonly<Record<string, Cost>>;

const broker = new ServiceBroker({ ...config, logger: false, requestTimeout: 0 });
broker.createService(service);
const asking = broker.createService({ name: "goods" });
await broker.start();
const accessToken = await signAccessToken({ id: newId(), roles: ["staff"], session: newId() });
const call = <N extends ActionName>(name: N, input: Input<N>): Promise<Output<N>> =>
  broker.call(name, input, { meta: { accessToken } }) as Promise<Output<N>>;

async function cost(count: number, work: () => Promise<void>): Promise<Cost> {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { speed: count / ((performance.now() - begun) / 1000), processor: (user + system) / 1000 / count };
}

const columns = ["sku", "name", "description", "category", "price", "currency", "stock"];
function fileOf(count: number, stock: (number: number) => number): Buffer {
  const lines = Array.from({ length: count }, (_, number) => {
    const { key, name, description, category, price } = goodsOf(number);
    return lineOf([key, name, description, category, `${price.amount}`, price.currency, `${stock(number)}`]);
  });
  return Buffer.from(lineOf(columns) + lines.join(""));
}

async function imported(file: Buffer): Promise<void> {
  let id = "";
  for (let [from, number] = [0, 1]; from < file.length; from += PART, number += 1) {
    const content = file.subarray(from, from + PART).toString("base64");
    const part = { content, isPart: from + PART < file.length };
    if (number === 1) ({ id } = await call("product.createImport", part));
    else await call("product.addImportPart", { id, number, ...part });
  }
  for (;;) {
    const { state, refused } = await call("product.getImport", { id });
    if (refused > 0)
      throw new Error(Buffer.from((await call("product.getImportReport", { id })).content, "base64").toString());
    if (state === "done") return;
    await pause(200);
  }
}

async function byImports(count: number): Promise<Costs> {
  for (let number = 0; number < 200; number += 1) await call("product.createCategory", { name: `Goods ${number}` });
  const [file, other] = [fileOf(count, () => 5), fileOf(count, (number) => 5 + (number % 2))];
  return {
    "imported, all new": await cost(count, () => imported(file)),
    "imported again, nothing changes": await cost(count, () => imported(file)),
    "imported again, every second stock changes": await cost(count, () => imported(other)),
  };
}

async function bySeed(count: number): Promise<Costs> {
  const ctx = workContext(asking);
  const seeding = async () => {
    for (let from = 0; from < count; from += BATCH)
      await ctx.call("product.seed", { products: Array.from({ length: BATCH }, (_, at) => goodsOf(from + at)) });
  };
  return { "added by product.seed": await cost(count, seeding) };
}

const [, , way, count] = process.argv;
const costs = await (way === "seed" ? bySeed : byImports)(Number(count));
process.send?.(costs);
if (!process.send) console.log(costs);
await broker.stop();
process.exit();
