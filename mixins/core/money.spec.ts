import * as fc from "fast-check";
import { amountOf, decimalOf, formatMoney, includedTax, spread } from "./money.ts";
import { MAX_AMOUNT } from "./schema.ts";

const total = fc.integer({ min: 0, max: 1_000_000_000_000 });
const weights = fc
  .array(fc.integer({ min: 0, max: 1_000_000_000_000 }), { minLength: 1, maxLength: 100 })
  .filter((all) => all.some((weight) => weight > 0));

describe("spread", () => {
  it("adds up to the total, exactly", () => {
    fc.assert(
      fc.property(total, weights, (amount, shares) => {
        const parts = spread(amount, shares);
        expect(parts.reduce((sum, part) => sum + BigInt(part), 0n)).toBe(BigInt(amount));
      }),
    );
  });

  it("is fair: no part is off its exact share by one unit or more", () => {
    fc.assert(
      fc.property(total, weights, (amount, shares) => {
        const sum = shares.reduce((all, weight) => all + BigInt(weight), 0n);
        spread(amount, shares).forEach((part, index) => {
          const off = BigInt(part) * sum - BigInt(amount) * BigInt(shares[index]!);
          expect(off < sum && off > -sum).toBe(true);
        });
      }),
    );
  });

  it("gives nothing to who weighs nothing, and no less to who weighs more", () => {
    fc.assert(
      fc.property(total, weights, (amount, shares) => {
        const parts = spread(amount, shares);
        shares.forEach((weight, index) => {
          if (weight === 0) expect(parts[index]).toBe(0);
          shares.forEach((other, at) => {
            if (weight > other) expect(parts[index]).toBeGreaterThanOrEqual(parts[at]!);
          });
        });
      }),
      { numRuns: 30 },
    );
  });

  it("gives the units that are left to the largest remainders, the first of equals first", () => {
    expect(spread(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(spread(10, [5, 3, 3])).toEqual([4, 3, 3]);
    expect(spread(1000, [39_000, 12_500])).toEqual([757, 243]);
    expect(spread(0, [1, 2])).toEqual([0, 0]);
  });

  it("refuses to spread over nothing", () => {
    expect(() => spread(1, [])).toThrow(RangeError);
    expect(() => spread(1, [0, 0])).toThrow(RangeError);
  });
});

describe("formatMoney", () => {
  it.each([
    [39_000, "KRW", "en", "₩39,000"],
    [39_000, "KRW", "ko", "39,000원"],
    [-1_234_567, "KRW", "ko", "-1,234,567원"],
    [1250, "USD", "ko", "US$12.50"],
    [1250, "USD", "en", "$12.50"],
    [1, "KWD", "en", "KWD 0.001"],
    [999_999_999_999, "USD", "en", "$9,999,999,999.99"],
    [5, "JPY", "en", "¥5"],
  ] as const)("writes %d %s in %s as %s", (amount, currency, language, text) => {
    expect(formatMoney({ amount, currency }, language).replaceAll(/\s/g, " ")).toBe(text);
  });
});

describe("includedTax", () => {
  it("is what the price holds above the net price, rounded half up", () => {
    expect(includedTax(11_000, 1000)).toBe(1000);
    expect(includedTax(39_000, 1000)).toBe(3545);
    expect(includedTax(39_000, 0)).toBe(0);
    // 3 x 0.2 / 1.2 is one half.
    expect(includedTax(3, 2000)).toBe(1);
  });

  it("is within half a unit of the exact tax", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), fc.integer({ min: 0, max: 10_000 }), (amount, rate) => {
        const exact = (amount * rate) / (10_000 + rate);
        expect(Math.abs(includedTax(amount, rate) - exact)).toBeLessThanOrEqual(0.5 + 1e-6);
      }),
    );
  });
});

describe("amountOf", () => {
  const amounts = fc.integer({ min: 0, max: MAX_AMOUNT });
  const currencies = fc.constantFrom("KRW", "JPY", "USD", "EUR", "KWD");

  it("reads what decimalOf writes, for every amount of every currency", () => {
    fc.assert(
      fc.property(amounts, currencies, (amount, currency) => {
        expect(amountOf(decimalOf({ amount, currency }), currency)).toBe(amount);
      }),
    );
  });

  it.each([
    ["12.5", "USD", 1250],
    ["0.07", "USD", 7],
    ["12", "USD", 1200],
    ["1200", "KRW", 1200],
    // What could be meant in two ways, and what the currency does not have.
    ["1.200", "USD", null],
    ["1,200", "USD", null],
    ["12.5", "KRW", null],
    ["-1", "KRW", null],
    ["1e3", "KRW", null],
    [" 1", "KRW", null],
    ["１２", "KRW", null],
    [".5", "USD", null],
    ["", "KRW", null],
    [`${MAX_AMOUNT}`, "USD", null],
  ] as const)("reads %j of %s as %j", (text, currency, amount) => {
    expect(amountOf(text, currency)).toBe(amount);
  });
});
