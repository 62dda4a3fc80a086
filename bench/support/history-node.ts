/** A process that makes orders of the past years, and measures the pages on which customers and staff see them. */
import { type Service, ServiceBroker } from "moleculer";
import { timestamp } from "#core/clock.ts";
import type { ActionName, Input } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import type { Role } from "#core/schema.ts";
import type { Database } from "#mixins/database/database.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import config from "../../moleculer.config.ts";
import { customerOf, fillOrders } from "../../scripts/goods/orders.ts";
import type { OrderTables } from "../../services/order/order.repository.ts";
import service from "../../services/order/order.service.ts";
import { percentiles } from "./pace.ts";
import { showProgress } from "./progress.ts";

const ROUNDS = 20;
const DAY = 24 * 60 * 60 * 1000;
const sold = Array.from({ length: 100 }, (_, number) => ({
  id: customerOf(1_000_000 + number),
  name: `Goods ${number}`,
  price: { amount: 1000 + number * 100 },
}));

export type Measured = Awaited<ReturnType<typeof measure>>;

async function measure(count: number) {
  const broker = new ServiceBroker({ ...config, logger: false, requestTimeout: 0 });
  const orders = broker.createService(service) as Service & { readonly db: Database<OrderTables> };
  await broker.start();
  const { db } = orders;
  const begun = performance.now();
  await fillOrders(db, count, sold, (done) => showProgress(`${count.toLocaleString("en")} orders`, done / count));
  const filled = count / ((performance.now() - begun) / 1000);

  const timed = async <N extends ActionName>(id: string, role: Role, name: N, inputs: readonly Input<N>[]) => {
    const accessToken = await signAccessToken({ id, roles: [role], session: newId() });
    const times: number[] = [];
    for (const input of Array.from({ length: ROUNDS }, () => inputs).flat()) {
      const start = performance.now();
      await broker.call(name, input, { meta: { accessToken } });
      times.push(performance.now() - start);
    }
    return times;
  };
  const { created_at: from, number } = await db.query
    .selectFrom("orders")
    .select(["created_at", "number"])
    .orderBy("id")
    .offset(count >> 1)
    .limit(1)
    .executeTakeFirstOrThrow();
  const to = timestamp(Date.parse(from) + DAY);
  const times = { from, to };
  const filters = [
    {},
    { limit: 100 },
    { status: "cancelled" as const },
    { status: "needs_attention" as const },
    times,
    { ...times, status: "cancelled" as const },
    { number: number! },
  ];
  const mine = [...filters, { product: sold[7]!.id }];
  const customer = await timed(customerOf(7), "customer", "order.list", mine);
  const regular = await timed(customerOf(0), "customer", "order.list", mine);
  const staff = await timed(newId(), "staff", "order.listAll", [...filters, { customer: customerOf(7) }]);
  await broker.stop();
  return {
    filled,
    customer: percentiles(customer),
    regular: percentiles(regular),
    staff: percentiles(staff),
  };
}

process.send!(await measure(Number(process.argv[2])));
process.exit();
