import { beginOf, mergeLines } from "./product.model.ts";

const now = Date.parse("2026-01-01T00:00:00Z");

describe("mergeLines", () => {
  it("adds up the lines of one product and puts products in order", () => {
    const lines = [
      { productId: "b", quantity: 1 },
      { productId: "a", quantity: 2 },
      { productId: "b", quantity: 3 },
    ];
    expect(mergeLines(lines)).toEqual([
      { productId: "a", quantity: 2 },
      { productId: "b", quantity: 4 },
    ]);
  });
});

describe("beginOf", () => {
  it("is now by default", () => {
    expect(beginOf(undefined, now)).toBe(now);
  });

  it("is the time that was asked for", () => {
    expect(beginOf("2026-01-02T09:00:00+09:00", now)).toBe(now + 24 * 60 * 60 * 1000);
  });

  it("forgives clocks that differ a little", () => {
    expect(beginOf("2025-12-31T23:59:30Z", now)).toBe(now);
  });

  it("rejects with PRICE_IN_PAST what is past", () => {
    expect(() => beginOf("2025-12-31T00:00:00Z", now)).toThrow(
      expect.objectContaining({ type: "PRODUCT_PRICE_IN_PAST", code: 422 }),
    );
  });
});
