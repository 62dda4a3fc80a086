import fc from "fast-check";
import { newId } from "#core/id.ts";
import type { OrderItem } from "./answer.contract.ts";
import { discountsOf, type Line } from "./discount.model.ts";
import { priceLine } from "./order.model.ts";
import { chargesOf, taxOn } from "./tax.model.ts";

const currency = "USD" as const;
const usd = (amount: number) => ({ amount, currency });
type Offered = Parameters<typeof discountsOf>[0][number];
type Terms = NonNullable<Offered["terms"]>;

const offer = (terms: Partial<Terms>): Offered => {
  const code = terms.code ?? `C${newId()}`;
  const none = { amounts: [], minimums: [], productIds: [], categoryIds: [], stackable: true };
  return { asked: code, terms: { id: newId(), version: 1, code, kind: "percent", ...none, ...terms } };
};
const lineOf = (amount: number, productId = "p", categoryIds: readonly string[] = []): Line => ({
  productId,
  categoryIds,
  amount,
});
const of = (offered: readonly Offered[], amounts: readonly number[], fee = 0) =>
  discountsOf(offered, { lines: amounts.map((amount, at) => lineOf(amount, `p${at}`)), currency, fee });
const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0);

const anyOffer = fc
  .record({
    kind: fc.constantFrom("percent" as const, "amount" as const, "free_shipping" as const),
    percent: fc.integer({ min: 1, max: 10_000 }),
    amount: fc.integer({ min: 0, max: 2_000_000 }),
    productIds: fc.constantFrom<string[]>([], ["p0"], ["p1", "p2"], ["none"]),
    stackable: fc.boolean(),
    left: fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
  })
  .map(({ kind, percent, amount, left, ...rest }) =>
    offer({ kind, percent, amounts: [usd(amount)], ...rest, ...(left !== undefined && { left: usd(left) }) }),
  );
const amounts = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 20 });

describe("discounts", () => {
  it("are never below zero nor beyond a line, and lines and shipping add up to what the coupons took", () => {
    fc.assert(
      fc.property(
        fc.array(anyOffer, { maxLength: 5 }),
        amounts,
        fc.integer({ min: 0, max: 50_000 }),
        (offers, lines, fee) => {
          const { lines: taken, shipping, applied, refused } = of(offers, lines, fee);
          for (const [at, one] of taken.entries()) {
            expect(one).toBeGreaterThanOrEqual(0);
            expect(one).toBeLessThanOrEqual(lines[at]!);
          }
          expect(shipping).toBeLessThanOrEqual(fee);
          expect(sum(taken) + shipping).toBe(sum(applied.map(({ amount }) => amount.amount)));
          expect(applied.every(({ amount }) => amount.amount > 0)).toBe(true);
          expect(applied.length + refused.length).toBe(offers.length);
        },
      ),
    );
  });

  it("leave lines whose prices and taxes add up to the total, with taxes included and added", () => {
    const kinds = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.constantFrom(0, 700, 1000), fc.boolean()),
      {
        minLength: 1,
        maxLength: 10,
      },
    );
    fc.assert(
      fc.property(kinds, anyOffer, fc.integer({ min: 0, max: 5000 }), (given, offered, fee) => {
        const discounts = of(
          [offered],
          given.map(([price]) => price),
          fee,
        );
        const items: OrderItem[] = given.map(([amount, rate, included], at) =>
          priceLine(
            { id: `p${at}`, name: "Tea", price: usd(amount), taxRate: rate },
            { productId: `p${at}`, quantity: 1 },
            { rate, included },
            discounts.lines[at],
          ),
        );
        const charges = chargesOf(items, fee - discounts.shipping, undefined, discounts.applied);
        const added = sum(charges.taxes.map(({ included, tax }) => (included ? 0 : tax.amount)));
        const discount = charges.discount?.amount ?? 0;
        expect(discount).toBe(sum(items.map((item) => item.discount?.amount ?? 0)));
        expect(charges.total.amount).toBe(charges.subtotal.amount - discount + charges.shipping.amount + added);
        expect(charges.tax.amount).toBe(sum(charges.taxes.map(({ tax }) => tax.amount)));
        for (const [at, { lineTotal, tax }] of items.entries()) {
          const net = lineTotal.amount - discounts.lines[at]!;
          expect(tax.amount).toBe(taxOn(net, { rate: given[at]![1], included: given[at]![2] }));
        }
      }),
    );
  });

  it("spread over lines by largest remainder", () => {
    expect(of([offer({ kind: "amount", amounts: [usd(100)] })], [100, 100, 100]).lines).toEqual([34, 33, 33]);
    expect(of([offer({ percent: 1500 })], [999, 1]).lines).toEqual([150, 0]);
  });

  it("take percentages before amounts, whatever the order in which they are written", () => {
    const both = [offer({ kind: "amount", amounts: [usd(100)] }), offer({ percent: 1000 })];
    for (const offers of [both, both.toReversed()]) expect(of(offers, [1000]).lines).toEqual([200]);
  });

  it("are for the products and categories of the coupon", () => {
    const lines = [lineOf(1000, "a"), lineOf(1000, "b", ["tea", "drinks"]), lineOf(1000, "c", ["cups"])];
    const { lines: taken } = discountsOf([offer({ percent: 1000, productIds: ["a"], categoryIds: ["drinks"] })], {
      lines,
      currency,
      fee: 0,
    });
    expect(taken).toEqual([100, 100, 0]);
  });

  it.each<[string, Partial<Terms>, Partial<Terms>[]]>([
    ["currency", { kind: "amount", amounts: [{ amount: 1, currency: "KRW" }] }, []],
    ["currency", { left: { amount: 1, currency: "KRW" }, percent: 1 }, []],
    ["minimum", { percent: 1000, minimums: [usd(1001)] }, []],
    ["products", { percent: 1000, productIds: ["none"] }, []],
    ["not_stackable", { percent: 1000, stackable: false }, [{ percent: 1000 }]],
    ["no_effect", { kind: "free_shipping" }, []],
    ["no_effect", { percent: 1 }, []],
    ["used_up", { percent: 1000, left: usd(99) }, []],
  ])("are refused with the reason %s", (reason, terms, others) => {
    const refused = offer({ ...terms, code: "IT" });
    const { lines, refused: told } = of([refused, ...others.map(offer)], [1000]);
    expect(told).toEqual([{ code: "IT", reason }]);
    expect(lines).toEqual([others.length > 0 ? 100 : 0]);
  });
});
