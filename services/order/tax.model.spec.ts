import fc from "fast-check";
import { includedTax } from "#core/money.ts";
import type { OrderItem } from "./answer.contract.ts";
import { addedTax, chargesOf, checkRates, type Tax, taxFor, taxOn } from "./tax.model.ts";

const currency = "USD" as const;
const rate = fc.integer({ min: 0, max: 10_000 });
const amount = fc.integer({ min: 0, max: 500_000_000_000 });

const line = (price: number, { rate: taxRate, included: taxIncluded }: Tax): OrderItem => ({
  productId: "p",
  name: "Tea",
  quantity: 1,
  unitPrice: { amount: price, currency },
  lineTotal: { amount: price, currency },
  tax: { amount: taxOn(price, { rate: taxRate, included: taxIncluded }), currency },
  taxRate,
  taxIncluded,
});
const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0);
const lines = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.constantFrom(0, 500, 700, 1000, 1900), fc.boolean()),
  { minLength: 1, maxLength: 20 },
);

describe("tax", () => {
  it("is the same to the minor unit whether it is added to a net price or found in the gross one", () => {
    fc.assert(
      fc.property(amount, rate, (net, basisPoints) => {
        const tax = addedTax(net, basisPoints);
        expect(includedTax(net + tax, basisPoints)).toBe(tax);
      }),
    );
  });

  it("is rounded half up", () => {
    expect([addedTax(5, 1000), addedTax(4, 1000), addedTax(0, 1000)]).toEqual([1, 0, 0]);
  });

  it("is the country's for the product's own rate, else the country's for all others, else the product's", () => {
    const rates = [
      { rate: 1900, included: false },
      { rate: 700, included: false, homeRate: 0 },
    ];
    expect(taxFor(rates, 1000)).toEqual({ rate: 1900, included: false });
    expect(taxFor(rates, 0)).toEqual({ rate: 700, included: false });
    expect(taxFor(rates.slice(1), 1000)).toEqual({ rate: 1000, included: true });
    expect(() => checkRates([...rates, rates[0]!])).toThrow(expect.objectContaining({ type: "ORDER_RATES_AMBIGUOUS" }));
    expect(() => checkRates(rates)).not.toThrow();
  });
});

describe("charges", () => {
  it("add up: of lines, shipping and the tax that is added; the tax by rate is the whole tax", () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 0, max: 100_000 }), (given, fee) => {
        const items = given.map(([price, basisPoints, included]) => line(price, { rate: basisPoints, included }));
        const { subtotal, shipping, tax, taxes, total } = chargesOf(items, fee);
        expect(subtotal.amount).toBe(sum(items.map(({ lineTotal }) => lineTotal.amount)));
        expect(shipping.amount).toBe(fee);
        expect(tax.amount).toBe(sum(taxes.map((share) => share.tax.amount)));
        expect(sum(taxes.map(({ base }) => base.amount))).toBe(subtotal.amount + fee);
        const added = sum(taxes.flatMap((share) => (share.included ? [] : [share.tax.amount])));
        expect(total.amount).toBe(subtotal.amount + fee + added);
        expect(new Set(taxes.map((share) => `${share.rate} ${share.included}`)).size).toBe(taxes.length);
      }),
    );
  });

  it("of the same lines in another order are the same, but for which line bears a rounded unit of the fee", () => {
    const one = { rate: 1000, included: false };
    const items = [line(100, one), line(300, one)];
    expect(chargesOf(items.toReversed(), 50).total).toEqual(chargesOf(items, 50).total);
  });

  it("tax the shipping as the goods are, each of which carries its share", () => {
    const items = [line(1000, { rate: 0, included: true }), line(3000, { rate: 1000, included: false })];
    expect(chargesOf(items, 400, "Parcel")).toEqual({
      subtotal: { amount: 4000, currency },
      shipping: { amount: 400, currency },
      tax: { amount: 330, currency },
      taxes: [
        { rate: 0, included: true, base: { amount: 1100, currency }, tax: { amount: 0, currency } },
        { rate: 1000, included: false, base: { amount: 3300, currency }, tax: { amount: 330, currency } },
      ],
      shippingRule: "Parcel",
      total: { amount: 4730, currency },
    });
  });

  it("of goods that cost nothing are the fee, with its tax", () => {
    const { total, tax } = chargesOf([line(0, { rate: 1000, included: true })], 1100);
    expect([total.amount, tax.amount]).toEqual([1100, 100]);
  });
});
