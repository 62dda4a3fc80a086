/**
 * Prices for periods: any settings leave one price for each moment.
 * @databases sqlite postgres
 */
import fc from "fast-check";
import { HOUR, timestamp } from "#core/clock.ts";
import { productService, won } from "../../test/support/systems/product-service.ts";

const { call, callAsStaff, create } = productService();

/** Hours from the first; `until` is behind `from`, or null. */
const setting = fc
  .record({
    from: fc.integer({ min: 1, max: 9 }),
    lasts: fc.option(fc.integer({ min: 1, max: 6 })),
    amount: fc.nat(99),
  })
  .map(({ from, lasts, amount }) => ({ from, until: lasts === null ? null : from + lasts, amount }));

/** The price from each of these hours on, until the next of them. */
type Starts = Map<number, number>;
const at = (starts: Starts, hour: number): number =>
  starts.get(Math.max(...[...starts.keys()].filter((start) => start <= hour)))!;

function set(starts: Starts, { from, until, amount }: { from: number; until: number | null; amount: number }): void {
  if (until !== null) {
    const behind = at(starts, until);
    for (const start of starts.keys()) if (start > from && start < until) starts.delete(start);
    starts.set(until, behind);
  }
  starts.set(from, amount);
}

describe("product.setPrice", () => {
  it("leaves one price for each moment, after any settings with and without an end", async () => {
    const first = Date.now() + HOUR;
    const hour = (number: number) => timestamp(first + number * HOUR);
    await fc.assert(
      fc.asyncProperty(fc.array(setting, { minLength: 1, maxLength: 6 }), async (settings) => {
        const { id } = await create({ price: won(1000) });
        const starts: Starts = new Map([[0, 1000]]);
        for (const one of settings) {
          set(starts, one);
          const until = one.until === null ? {} : { until: hour(one.until) };
          await callAsStaff("product.setPrice", { id, price: won(one.amount), from: hour(one.from), ...until });
        }
        const { items } = await callAsStaff("product.listPrices", { id, limit: 100 });
        const expected = [...starts].toSorted(([a], [b]) => b - a);
        expect(items.map(({ price, from }) => [from, price.amount])).toEqual(
          expected.map(([start, amount]) => [start === 0 ? null : hour(start), amount]),
        );
        expect(items.map(({ until }) => until)).toEqual([null, ...items.slice(0, -1).map(({ from }) => from)]);
      }),
      { numRuns: 25 },
    );
  });

  it("applies a price for a period exactly from its beginning to its end", async () => {
    const { id } = await create({ price: won(1000) });
    const [from, until] = [Date.now() + HOUR, Date.now() + 2 * HOUR];
    await callAsStaff("product.setPrice", { id, price: won(700), from: timestamp(from), until: timestamp(until) });
    const clock = jest.spyOn(Date, "now");
    for (const [time, amount] of [
      [from - 1, 1000],
      [from, 700],
      [until - 1, 700],
      [until, 1000],
    ] as const) {
      clock.mockReturnValue(time);
      expect((await call("product.get", { id })).price).toEqual(won(amount));
      expect((await call("product.list", { maxPrice: 700, limit: 100 })).items.some((one) => one.id === id)).toBe(
        amount === 700,
      );
    }
  });

  it("rejects with PRICE_PERIOD an end that is not behind the beginning", async () => {
    const { id } = await create();
    const from = timestamp(Date.now() + HOUR);
    const setting = { id, price: won(1), from, until: from };
    await expect(callAsStaff("product.setPrice", setting)).rejects.toMatchObject({ type: "PRODUCT_PRICE_PERIOD" });
  });
});
