/**
 * Counts under filters.
 * @databases sqlite postgres
 */
import { productService, won } from "../../test/support/systems/product-service.ts";

const { call, callAsStaff, callAsService, create, createCategory } = productService();

describe("product.getFacets", () => {
  let [top, cups, pots] = ["", "", ""];
  beforeAll(async () => {
    top = (await createCategory("Facets")).id;
    cups = (await createCategory("Cups", top)).id;
    pots = (await createCategory("Pots", top)).id;
    await create({ name: "Marblecup", price: won(1500), categoryId: cups });
    await create({ name: "Marblecup, large", price: won(2500), stock: 0, categoryId: cups });
    await create({ name: "Marblepot", price: won(6000), categoryId: pots });
    const { id } = await create({ name: "Marblepot, old", price: won(6000), categoryId: pots });
    await callAsStaff("product.archive", { id });
  });

  it("counts what matches, each facet under the other filters", async () => {
    expect(await call("product.getFacets", { q: "marble", category: cups, minPrice: 2000, inStock: false })).toEqual({
      total: { count: 1, isExact: true },
      categories: {
        items: [
          { id: top, name: "Facets", parentId: null, count: 2 },
          ...[
            { id: cups, name: "Cups", parentId: top, count: 1 },
            { id: pots, name: "Pots", parentId: top, count: 1 },
          ].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
        ],
        isExact: true,
      },
      prices: {
        items: [
          { minPrice: 1000, maxPrice: 1999, count: 1 },
          { minPrice: 2000, maxPrice: 4999, count: 1 },
        ],
        isExact: true,
      },
      inStock: { count: 0, isExact: true },
    });
  });

  it("counts misspelt words as the list finds them, and nothing for what is nowhere", async () => {
    const misspelt = await call("product.getFacets", { q: "marblekup" });
    expect(misspelt).toMatchObject({ total: { count: 2 }, inStock: { count: 1 } });
    const none = { total: { count: 0 }, categories: { items: [] }, prices: { items: [] }, inStock: { count: 0 } };
    expect(await call("product.getFacets", { q: "nowhere" })).toMatchObject(none);
  });

  it("says that it counted the newest only, where more match", async () => {
    const products = Array.from({ length: 500 }, (_, made) => ({
      key: `flood-${made}`,
      name: "Flood",
      description: "",
      category: "Flood",
      price: won(10),
      stock: 1,
    }));
    for (let batch = 0; batch < 3; batch += 1)
      await callAsService("product.seed", {
        products: products.map((one) => ({ ...one, key: `${one.key}-${batch}` })),
      });
    const { total } = await call("product.getFacets", { q: "flood" });
    expect(total).toEqual({ count: 1000, isExact: false });
  });
});
