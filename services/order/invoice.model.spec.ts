import { Random } from "../../test/support/fixtures/random.ts";
import { nextShares, numberIn, payableShares, saidBy, seriesOf, type Share, sumOf } from "./invoice.model.ts";

const random = new Random(20_260_202);
const won = (amount: number) => ({ amount, currency: "KRW" as const });
const rates = [
  { rate: 1000, included: true },
  { rate: 0, included: true },
  { rate: 700, included: false },
];

function someOrder() {
  const taxes = rates.slice(0, 1 + random.upTo(rates.length)).map((rate) => {
    const base = random.upTo(100_000);
    return { ...rate, base: won(base), tax: won(random.upTo(base + 1)) };
  });
  const total = taxes.reduce((all, { included, base, tax }) => all + base.amount + (included ? 0 : tax.amount), 0);
  return { taxes, total: won(total), tax: won(taxes.reduce((all, { tax }) => all + tax.amount, 0)) };
}

const tally = (whole: readonly Share[], documents: readonly (readonly Share[])[]) =>
  whole.map(({ rate, included }) =>
    sumOf(documents.flat().filter((one) => one.rate === rate && one.included === included)),
  );

describe("the documents of an order", () => {
  it("add up to the order by rate, whatever is captured and refunded in parts", () => {
    for (let run = 0; run < 500; run += 1) {
      const order = someOrder();
      const payable = random.upTo(3) === 0 ? random.upTo(order.total.amount + 1) : order.total.amount;
      const whole = payableShares(order, payable);
      const all = whole.map(({ gross }) => gross);
      expect(sumOf(whole).total).toBe(payable);
      const invoices: Share[][] = [];
      const notes: Share[][] = [];
      const invoice = (amount: number) =>
        invoices.push(nextShares(whole, { from: saidBy(whole, invoices), to: all }, amount));
      const note = (amount: number) => {
        const wished = random.upTo(2) === 0 ? [] : [{ ...random.pick(rates), gross: amount }];
        const limits = { from: saidBy(whole, notes), to: saidBy(whole, invoices) };
        notes.push(nextShares(whole, limits, amount, wished));
      };
      for (let step = 0; step < 6; step += 1) (random.upTo(2) === 0 ? invoice : note)(random.upTo(payable + 1));
      for (const [at, { total, tax }] of tally(whole, notes).entries()) {
        expect(total).toBeLessThanOrEqual(tally(whole, invoices)[at]!.total);
        expect(tax).toBeLessThanOrEqual(total);
      }
      invoice(payable);
      expect(tally(whole, invoices)).toEqual(whole.map(({ gross: total, tax }) => ({ total, tax })));
      note(payable);
      expect(tally(whole, notes)).toEqual(tally(whole, invoices));
    }
  });

  it("take the rate of the units that are given back first", () => {
    const whole = payableShares(
      {
        taxes: [
          { rate: 1000, included: true, base: won(1100), tax: won(100) },
          { rate: 0, included: true, base: won(1000), tax: won(0) },
        ],
        total: won(2100),
        tax: won(100),
      },
      2100,
    );
    const limits = { from: [0, 0], to: [1100, 1000] };
    const book = [{ rate: 0, included: true, gross: 400 }];
    expect(nextShares(whole, limits, 400, book)).toEqual([{ rate: 0, included: true, gross: 400, tax: 0 }]);
    expect(nextShares(whole, limits, 2100)).toEqual(whole);
  });

  it("are numbered by year and kind", () => {
    expect(numberIn(seriesOf("invoice", "2027-01-01T00:00:00.000Z"), 42)).toBe("INV-2027-000042");
    expect(seriesOf("credit_note", "2026-12-31T23:59:59.999Z")).toBe("CN-2026");
  });
});
