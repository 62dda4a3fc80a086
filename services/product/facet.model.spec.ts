import { categoryCounts, priceRanges, rangeOf } from "./facet.model.ts";

describe("rangeOf", () => {
  it.each([
    [0, 0, 0],
    [1, 1, 1],
    [4, 2, 4],
    [9, 5, 9],
    [10, 10, 19],
    [4999, 2000, 4999],
    [5000, 5000, 9999],
    [1_000_000_000_000, 1_000_000_000_000, 1_999_999_999_999],
  ])("of %d is from %d to %d", (amount, minPrice, maxPrice) => {
    expect(rangeOf(amount)).toEqual({ minPrice, maxPrice });
  });
});

it("counts products by ranges of prices, the cheapest first", () => {
  const products = [3000, 200, 4999, 5000].map((amount) => ({ category_id: null, amount }));
  expect(priceRanges(products)).toEqual([
    { minPrice: 200, maxPrice: 499, count: 1 },
    { minPrice: 2000, maxPrice: 4999, count: 2 },
    { minPrice: 5000, maxPrice: 9999, count: 1 },
  ]);
});

describe("categoryCounts", () => {
  const known = [
    { id: "a", name: "A", parent_id: null },
    { id: "b", name: "B", parent_id: "a" },
  ];
  const of = (...ids: (string | null)[]) => ids.map((category_id) => ({ category_id, amount: 1 }));

  it("counts the products below a category too", () => {
    expect(categoryCounts(of("b", "b", "a", null, "unknown"), known)).toEqual([
      { id: "a", name: "A", parentId: null, count: 3 },
      { id: "b", name: "B", parentId: "a", count: 2 },
    ]);
  });

  it("ends where a move that came between makes categories a circle", () => {
    const circle = [{ id: "a", name: "A", parent_id: "b" }, known[1]!];
    expect(categoryCounts(of("a"), circle).map(({ count }) => count)).toEqual([1, 1]);
  });
});
