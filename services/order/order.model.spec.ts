import fc from "fast-check";
import { isError } from "#core/errors.ts";
import type { OrderItem } from "./answer.contract.ts";
import { checkQuote, entryOf, mergeLines, priceLine, subtotalOf, timelineOf } from "./order.model.ts";
import { chargesOf } from "./tax.model.ts";

const item = (amount: number, productId = "p", quantity = 1, currency: "KRW" | "USD" = "KRW"): OrderItem => ({
  productId,
  name: "Tea",
  quantity,
  unitPrice: { amount, currency },
  lineTotal: { amount: amount * quantity, currency },
  tax: { amount: 0, currency },
});

const thrown = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("mergeLines", () => {
  it("keeps the sum of every product, each once", () => {
    const lines = fc.array(
      fc.record({ productId: fc.constantFrom("a", "b", "c"), quantity: fc.integer({ min: 1, max: 1000 }) }),
    );
    fc.assert(
      fc.property(lines, (items) => {
        const merged = mergeLines(items);
        expect(new Set(merged.map(({ productId }) => productId)).size).toBe(merged.length);
        for (const { productId, quantity } of merged) {
          const wanted = items.filter((line) => line.productId === productId);
          expect(quantity).toBe(wanted.reduce((sum, line) => sum + line.quantity, 0));
        }
      }),
    );
  });
});

describe("priceLine", () => {
  it("keeps name, price and the tax within the price", () => {
    const product = { id: "p", name: "Tea", price: { amount: 11_000, currency: "KRW" as const }, taxRate: 1000 };
    expect(priceLine(product, { productId: "p", quantity: 3 })).toEqual({
      productId: "p",
      name: "Tea",
      quantity: 3,
      unitPrice: { amount: 11_000, currency: "KRW" },
      lineTotal: { amount: 33_000, currency: "KRW" },
      tax: { amount: 3000, currency: "KRW" },
      taxRate: 1000,
      taxIncluded: true,
    });
  });
});

describe("subtotalOf", () => {
  it("adds up the lines", () => {
    expect(subtotalOf([item(1000, "a", 2), item(500, "b")])).toEqual({ amount: 2500, currency: "KRW" });
  });

  it("rejects with MIXED_CURRENCIES", () => {
    expect(
      isError(
        thrown(() => subtotalOf([item(1), item(1, "b", 1, "USD")])),
        "ORDER_MIXED_CURRENCIES",
      ),
    ).toBe(true);
  });

  it("rejects with TOTAL_TOO_LARGE what no payment can carry", () => {
    expect(
      isError(
        thrown(() => subtotalOf([item(1_000_000_000_000, "a", 2)])),
        "ORDER_TOTAL_TOO_LARGE",
      ),
    ).toBe(true);
  });
});

describe("checkQuote", () => {
  const expiresAt = Date.now() + 60_000;
  const priced = (items: OrderItem[], fee = 0) => ({
    items,
    charges: chargesOf(items, fee),
    codes: [],
    refused: [],
    expiresAt,
  });

  it("accepts the same basket at the same price, in any order", () => {
    const quote = priced([item(1, "a"), item(2, "b")]);
    expect(thrown(() => checkQuote(quote, priced([item(2, "b"), item(1, "a")])))).toBeUndefined();
  });

  it.each([
    ["QUOTE_EXPIRED", undefined, [item(1)]],
    ["QUOTE_EXPIRED", { ...priced([item(1)]), expiresAt: 1 }, [item(1)]],
    ["QUOTE_MISMATCH", priced([item(1)]), [item(1, "p", 2)]],
    ["PRICE_CHANGED", priced([item(1)]), [item(2)]],
    ["PRICE_CHANGED", priced([item(1)]), [{ ...item(1), tax: { amount: 1, currency: "KRW" as const } }]],
  ])("rejects with %s", (code, quote, items) => {
    expect(
      isError(
        thrown(() => checkQuote(quote, priced(items))),
        `ORDER_${code}`,
      ),
    ).toBe(true);
  });

  it("tells both prices when one has changed", () => {
    const { data } = thrown(() => checkQuote(priced([item(1)]), priced([item(2)]))) as { data: unknown };
    expect(data).toEqual({
      quoted: { amount: 1, currency: "KRW" },
      current: { amount: 2, currency: "KRW" },
      productIds: ["p"],
    });
  });
});

describe("checkQuote of charges", () => {
  it("tells both fees when the shipping alone has changed", () => {
    const won = (amount: number) => ({ amount, currency: "KRW" as const });
    const [items, expiresAt] = [[item(1000)], Date.now() + 60_000];
    const [codes, refused] = [[], []];
    const quote = { items, charges: chargesOf(items, 300), codes, expiresAt };
    const { data } = thrown(() => checkQuote(quote, { items, charges: chargesOf(items, 500), refused })) as {
      data: unknown;
    };
    const shipping = { quoted: won(300), current: won(500) };
    expect(data).toEqual({ quoted: won(1300), current: won(1500), productIds: [], shipping });
  });
});

describe("timelineOf", () => {
  it("tells in order, and calls an undone step undone", () => {
    const step = { position: 0, step: "reserveStock", startedAt: "1", detail: null };
    const done = entryOf({ ...step, direction: "forward", state: "done", endedAt: "2" });
    const undone = entryOf({ ...step, direction: "backward", state: "done", endedAt: "4" });
    const refund = { at: "3", step: "refund", state: "done" };
    expect(timelineOf([done, undone], [refund]).map(({ step: name, state }) => `${name} ${state}`)).toEqual([
      "reserveStock done",
      "refund done",
      "reserveStock undone",
    ]);
  });
});
