/**
 * Orders of as many lines as one may have: they are placed, told and listed, in messages that NATS can carry.
 * @databases sqlite postgres
 */
import {
  bytesOf,
  ended,
  idsOf,
  LINES,
  orderLines,
  readAll,
  seedProducts,
} from "../../test/support/fixtures/large-data.ts";
import { AllServices, type Person } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";

let allServices: AllServices;
let ann: Person;
beforeAll(async () => {
  allServices = await AllServices.open();
  ann = await allServices.person();
});
afterAll(() => allServices.close());

async function catalogue(name: string): Promise<string[]> {
  await seedProducts(allServices.asService(), LINES, name, "");
  const ids = await idsOf(ann, name);
  expect(ids).toHaveLength(LINES);
  return ids;
}

describe("an order of 1,000 lines", () => {
  it.each(["Tea", "가".repeat(200)])(
    "is confirmed, told and listed: %.3s",
    async (name) => {
      const ids = await catalogue(name);
      const quote = await ann.call("order.quote", { items: orderLines(ids).items });
      const placed = await ann.call("order.create", { ...orderLines(ids), quoteId: quote.id });
      const order = await eventually(() => ended(ann, placed));
      expect([order.status, order.items.length]).toEqual(["confirmed", LINES]);
      await eventually(() => allServices.eventTypes(order.id).includes("order.confirmed"));
      for (const event of allServices.events.filter(({ subject }) => subject === `order:${order.id}`))
        expect(bytesOf(event)).toBeLessThan(1_000_000);
    },
    120_000,
  );

  it("is listed and watched in parts that fit, one order or one event at least", async () => {
    const orders = await readAll((cursor) => ann.call("order.list", { limit: 100, ...(cursor && { cursor }) }));
    expect(orders.map(({ items }) => items.length)).toEqual([LINES, LINES]);
    const { id } = orders[0]!;
    const seen: string[] = [];
    for (let after = 0; ;) {
      const { items } = await ann.call("order.watch", { id, after });
      if (items.length === 0) break;
      expect(bytesOf(items)).toBeLessThan(1_000_000);
      seen.push(...items.map(({ event }) => event));
      after = Number(items.at(-1)!.id);
    }
    expect(seen).toEqual(["order.placed", "order.confirmed"]);
  });

  it("is refused with TOO_LARGE when no message could carry it", async () => {
    const ids = await catalogue("🍵".repeat(200));
    await expect(ann.call("order.create", orderLines(ids))).rejects.toMatchObject({
      code: 422,
      type: "ORDER_TOO_LARGE",
    });
    await expect(ann.call("order.quote", orderLines(ids))).rejects.toMatchObject({ code: 422 });
  });
});
