/**
 * Products that are sold in variants.
 * @databases sqlite postgres
 */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { productService, won } from "../../test/support/systems/product-service.ts";

const { call, callAsStaff, callAsService, create } = productService();

const colour = { name: "Colour", values: [{ value: "Indigo" }, { value: "White" }] };
const size = { name: "Size", values: [{ value: "S" }, { value: "L" }] };
const code = (type: string) => expect.objectContaining({ type });

/** A shirt in four variants, each of 9,000 won and three pieces. */
async function shirt() {
  const { id } = await create({ name: `Shirt ${newId()}`, stock: 0 });
  await callAsStaff("product.setOptions", { id, options: [colour, size] });
  const skuPrefix = newId();
  await callAsStaff("product.createVariants", { id, skuPrefix, stock: 3 });
  const { items } = await call("product.listVariants", { id });
  return { id, skuPrefix, variants: items.map((one) => one.id) };
}

describe("product.setOptions", () => {
  it("has a product sold in variants alone", async () => {
    const { id, version } = await create({ stock: 0 });
    const set = await callAsStaff("product.setOptions", { id, version, options: [colour, size] });
    expect(set).toMatchObject({ options: [colour, size], sellable: 0, version: 2 });
    expect(await callAsService("product.lookup", { ids: [id] })).toEqual({ items: [], inVariants: [id] });
    const bought = { orderId: newId(), items: [{ productId: id, quantity: 1 }] };
    await expect(callAsService("product.reserve", bought)).rejects.toEqual(code("NOT_FOUND"));
    const booking = callAsStaff("product.adjustStock", { id, quantity: 1, reason: "Delivery" });
    await expect(booking).rejects.toEqual(code("PRODUCT_IN_VARIANTS"));
    await expect(callAsStaff("product.setPrice", { id, price: won(1) })).rejects.toEqual(code("PRODUCT_IN_VARIANTS"));
  });

  it("rejects with STOCK_LEFT while the product has stock of its own", async () => {
    const { id } = await create({ stock: 1 });
    await expect(callAsStaff("product.setOptions", { id, options: [colour] })).rejects.toEqual(
      code("PRODUCT_STOCK_LEFT"),
    );
  });

  it("renames options and values by their ids, and takes more values, but none away that a variant has", async () => {
    const { id, variants } = await shirt();
    const { options } = await call("product.get", { id });
    const [first, second] = options!;
    const [indigo, white] = first!.values;
    const renamed = [
      { ...first!, name: "Color", values: [{ ...indigo!, value: "Blue" }, white!, { value: "Red" }] },
      second!,
    ];
    await callAsStaff("product.setOptions", { id, options: renamed });
    const variant = await call("product.get", { id: variants[0]! });
    expect(variant.optionValues).toEqual([
      { name: "Color", value: "Blue" },
      { name: "Size", value: "S" },
    ]);
    const less = [{ ...colour, values: [{ value: "White" }] }, size];
    await expect(callAsStaff("product.setOptions", { id, options: less })).rejects.toEqual(
      code("PRODUCT_OPTION_IN_USE"),
    );
    const strange = [{ id: newId(), ...colour }, size];
    await expect(callAsStaff("product.setOptions", { id, options: strange })).rejects.toEqual(
      code("PRODUCT_OPTION_UNKNOWN"),
    );
    const twice = [{ ...colour, values: [{ value: "White" }, { value: "White" }] }, size];
    await expect(callAsStaff("product.setOptions", { id, options: twice })).rejects.toEqual(code("VALIDATION_FAILED"));
  });
});

describe("product.createVariant and createVariants", () => {
  it("make each combination once, with an SKU, a price and stock of its own", async () => {
    const { id, skuPrefix, variants } = await shirt();
    expect(variants).toHaveLength(4);
    const variant = await call("product.get", { id: variants[3]! });
    const { name } = await call("product.get", { id });
    expect(variant).toMatchObject({ name, variantOf: id, sku: `${skuPrefix}-4`, price: won(9000), sellable: 3 });
    expect(variant.optionValues!.map(({ value }) => value)).toEqual(["White", "L"]);
    expect(await callAsStaff("product.createVariants", { id, skuPrefix })).toEqual({ added: 0 });
    const again = callAsStaff("product.createVariant", { id, values: ["White", "L"], sku: newId() });
    await expect(again).rejects.toEqual(code("PRODUCT_VARIANT_EXISTS"));
    const odd = callAsStaff("product.createVariant", { id, values: ["White", "XL"], sku: newId() });
    await expect(odd).rejects.toEqual(code("PRODUCT_OPTION_VALUE_UNKNOWN"));
  });

  it("make a combination once when two ask at once, and give an SKU to one of two", async () => {
    const { id } = await create({ stock: 0 });
    await callAsStaff("product.setOptions", { id, options: [colour] });
    const add = (value: string, sku: string) => callAsStaff("product.createVariant", { id, values: [value], sku });
    const same = await Promise.allSettled([add("White", newId()), add("White", newId())]);
    expect(same.flatMap((one) => (one.status === "rejected" ? [one.reason] : []))).toEqual([
      code("PRODUCT_VARIANT_EXISTS"),
    ]);
    const { id: other } = await create();
    const sku = newId();
    const both = await Promise.allSettled([add("Indigo", sku), callAsStaff("product.update", { id: other, sku })]);
    expect(both.flatMap((one) => (one.status === "rejected" ? [one.reason] : []))).toEqual([code("PRODUCT_SKU_TAKEN")]);
  });

  it("reject with NO_OPTIONS and VARIANTS_FULL", async () => {
    const { id } = await create({ stock: 0 });
    const all = () => callAsStaff("product.createVariants", { id, skuPrefix: newId() });
    await expect(all()).rejects.toEqual(code("PRODUCT_NO_OPTIONS"));
    const values = Array.from({ length: 11 }, (_, value) => ({ value: `${value}` }));
    const options = [
      { name: "A", values },
      { name: "B", values },
    ];
    await callAsStaff("product.setOptions", { id, options });
    await expect(all()).rejects.toEqual(code("PRODUCT_VARIANTS_FULL"));
  });
});

describe("a product in variants", () => {
  it("shows the lowest and the highest price, also of scheduled ones, and the stock of all", async () => {
    const { id, variants } = await shirt();
    const later = Date.now() + 3_600_000;
    await callAsStaff("product.setPrice", { id: variants[0]!, price: won(7000), from: timestamp(later) });
    await callAsStaff("product.setPrice", { id: variants[1]!, price: won(12_000) });
    await callAsStaff("product.adjustStock", { id: variants[2]!, quantity: 5, reason: "Delivery" });
    expect(await call("product.get", { id })).toMatchObject({
      price: won(9000),
      highestPrice: won(12_000),
      sellable: 17,
    });
    expect(await call("product.getStock", { id })).toEqual({ onHand: 17, held: 0, sellable: 17 });
    jest.spyOn(Date, "now").mockReturnValue(later);
    expect(await call("product.get", { id })).toMatchObject({ price: won(7000), highestPrice: won(12_000) });
    jest.restoreAllMocks();
    await callAsStaff("product.archive", { id: variants[0]! });
    await callAsStaff("product.archive", { id: variants[1]! });
    const left = await call("product.get", { id });
    expect(left).toMatchObject({ price: won(9000), highestPrice: won(9000), sellable: 11 });
  });

  it("is what the catalogue lists, found by an SKU or a value of a variant, and in stock while one is", async () => {
    const { id, skuPrefix, variants } = await shirt();
    const find = async (filter: object) => (await call("product.list", filter)).items.map((one) => one.id);
    expect(await find({ q: `${skuPrefix}-2` })).toEqual([id]);
    expect(await find({ q: `${skuPrefix} indigo`, inStock: true, minPrice: 9000, maxPrice: 9000 })).toEqual([id]);
    for (const one of variants.slice(1)) await callAsStaff("product.archive", { id: one });
    const orderId = newId();
    await callAsService("product.reserve", { orderId, items: [{ productId: variants[0]!, quantity: 3 }] });
    expect(await find({ q: skuPrefix, inStock: true })).toEqual([]);
    await callAsStaff("product.archive", { id });
    expect(await find({ q: skuPrefix })).toEqual([]);
    await expect(call("product.get", { id: variants[0]! })).rejects.toEqual(code("NOT_FOUND"));
    await callAsService("product.release", { orderId });
  });

  it("is sold by its variants, which keep nothing else of their own", async () => {
    const { id, skuPrefix, variants } = await shirt();
    const variant = variants[0]!;
    await callAsStaff("product.update", { id, name: "Linen shirt", taxRate: 0 });
    const optionValues = [
      { name: "Colour", value: "Indigo" },
      { name: "Size", value: "S" },
    ];
    const kept = { price: won(9000), taxRate: 0, sku: `${skuPrefix}-1`, optionValues, sellable: 3 };
    expect(await callAsService("product.lookup", { ids: [variant] })).toEqual({
      items: [{ id: variant, name: "Linen shirt", ...kept }],
    });
    const renamed = callAsStaff("product.update", { id: variant, name: "Mine" });
    await expect(renamed).rejects.toEqual(code("PRODUCT_IS_VARIANT"));
    const sku = newId();
    expect(await callAsStaff("product.update", { id: variant, sku })).toMatchObject({ sku });
    await expect(callAsStaff("product.setOptions", { id: variant, options: [] })).rejects.toEqual(
      code("PRODUCT_IS_VARIANT"),
    );
  });
});
