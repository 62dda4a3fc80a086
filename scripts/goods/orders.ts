/** Orders of the past years, for trials and benchmarks: the same number is always the same order. */
import { v7 } from "uuid";
import { timestamp } from "#core/clock.ts";
import type { Database } from "#mixins/database/database.ts";
import type { OrderTables } from "../../services/order/order.repository.ts";

/** What is ordered. */
export interface Sold {
  readonly id: string;
  readonly name: string;
  readonly price: { readonly amount: number };
}

/** Orders of one transaction, which others wait for on SQLite. */
const BATCH = 500;
/** The first was placed when 2020 began, each other so many milliseconds after the one before. */
const [BEGAN, PAUSE] = [Date.UTC(2020, 0), 20_000];
/** One of a hundred orders is of customer 0. The others are of so many, in turns. */
const CUSTOMERS = 20_000;
const LINES = 2;
const address = JSON.stringify({
  name: "Kim Made-up",
  line1: "1 Goods Street",
  city: "Seoul",
  postalCode: "04524",
  country: "KR",
});

const idOf = (msecs: number, number: number): string => {
  const random = new Uint8Array(16);
  new DataView(random.buffer).setUint32(12, number);
  return v7({ msecs, seq: 0, random });
};
export const customerOf = (number: number): string => idOf(BEGAN, number);

/** The order of this number, with its lines. Nearly all have arrived, some were cancelled, and none was paid here. */
function orderOf(number: number, sold: readonly Sold[]) {
  const at = BEGAN + number * PAUSE;
  const [id, created_at] = [idOf(at, number), timestamp(at)];
  const items = Array.from({ length: LINES }, (_, position) => {
    const { id: product_id, name, price } = sold[(number * LINES + position) % sold.length]!;
    const quantity = 1 + ((number + position) % 3);
    const line_total = price.amount * quantity;
    const rates = { tax_rate: 1000, tax_included: 1, tax: line_total - Math.round(line_total / 1.1) };
    return { order_id: id, position, product_id, name, quantity, unit_price: price.amount, line_total, ...rates };
  });
  const sum = (key: "line_total" | "tax") => items.reduce((total, item) => total + item[key], 0);
  const money = { total: sum("line_total"), subtotal: sum("line_total"), shipping: 0, tax: sum("tax"), added_tax: 0 };
  const state = { status_at: created_at, version: 1, closing: 0, erased: 0 };
  const order = {
    id,
    number: `GOODS-${created_at.slice(0, 4)}-${String(number).padStart(6, "0")}`,
    user_id: customerOf(number % 100 === 0 ? 0 : 1 + (number % CUSTOMERS)),
    status: number % 25 === 7 ? ("cancelled" as const) : ("delivered" as const),
    currency: "KRW" as const,
    taxes: "[]",
    shipping_address: address,
    created_at,
    ...money,
    ...state,
  };
  return { order, items };
}

/** @param show gets the number of orders that are there. Orders of an earlier run stay. */
export async function fillOrders(
  db: Database<OrderTables>,
  count: number,
  sold: readonly Sold[],
  show: (done: number) => void,
): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    const orders = Array.from({ length: size }, (_, index) => orderOf(from + index, sold));
    await db.write(async ({ query }) => {
      await query
        .insertInto("orders")
        .values(orders.map(({ order }) => order))
        .onConflict((one) => one.doNothing())
        .execute();
      await query
        .insertInto("order_items")
        .values(orders.flatMap(({ items }) => items) as never)
        .onConflict((one) => one.doNothing())
        .execute();
    });
    show(from + size);
  }
}
