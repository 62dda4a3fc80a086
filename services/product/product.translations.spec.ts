/**
 * Texts in several languages, what the shop keeps beside products, and paths of categories.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { productService, won } from "../../test/support/systems/product-service.ts";

const { callAsStaff, callAsService, callIn, create, createCategory } = productService();

const code = (type: string) => expect.objectContaining({ type });
const language = "ko" as const;

describe("product.setTranslation", () => {
  it("shows a product in the reader's language, and in the shop's own what is not translated", async () => {
    const { id, description } = await create({ name: "Moon jar" });
    await callAsStaff("product.setTranslation", { id, language, name: "달항아리" });
    const korean = await callIn("ko", "product.get", { id });
    expect(korean).toMatchObject({ name: "달항아리", description, language: "ko", version: 2 });
    expect(await callIn("en", "product.get", { id })).toMatchObject({ name: "Moon jar", language: "en" });
    expect(await callIn(undefined, "product.get", { id })).toMatchObject({ name: "Moon jar", language: "en" });
    const listed = await callIn("ko", "product.list", { q: "Moon jar", sort: "newest" });
    expect(listed.items[0]).toMatchObject({ id, name: "달항아리" });
  });

  it("is found by the words of all its languages, and no longer by those that are removed", async () => {
    const { id } = await create({ name: `Kettle ${newId()}` });
    const [name, description] = [`주전자${newId()}`, `무쇠${newId()}`];
    await callAsStaff("product.setTranslation", { id, language, name, description });
    const find = async (q: string) => (await callIn("en", "product.list", { q })).items.map((one) => one.id);
    expect(await find(name)).toEqual([id]);
    expect(await find(description)).toEqual([id]);
    await callAsStaff("product.removeTranslation", { id, language });
    expect(await find(name)).toEqual([]);
    expect(await callIn("ko", "product.get", { id })).toMatchObject({ language: "en" });
  });

  it("names options and values, also in a line of an order", async () => {
    const { id } = await create({ name: "Shirt", stock: 0 });
    const set = await callAsStaff("product.setOptions", { id, options: [{ name: "Size", values: [{ value: "L" }] }] });
    const [size] = set.options!;
    const options = [
      { id: size!.id, text: "크기" },
      { id: size!.values[0]!.id, text: "대" },
    ];
    await callAsStaff("product.setTranslation", { id, language, name: "셔츠", options });
    const made = { id, values: ["L"], sku: newId(), metadata: { season: "summer" } };
    const variant = await callAsStaff("product.createVariant", made);
    expect(variant).toMatchObject({ name: "Shirt", metadata: { season: "summer" } });
    const { items } = await callIn("ko", "product.listVariants", { id });
    expect(items).toEqual([
      expect.objectContaining({ name: "셔츠", optionValues: [{ name: "크기", value: "대" }], language: "ko" }),
    ]);
    const sold = await callAsService("product.lookup", { ids: [variant.id] }, "ko");
    expect(sold.items).toEqual([
      expect.objectContaining({ name: "셔츠", optionValues: [{ name: "크기", value: "대" }] }),
    ]);
    const { items: texts } = await callAsStaff("product.listTranslations", { id });
    expect(texts).toEqual([
      { language, name: "셔츠", description: null, options: expect.arrayContaining(options) as unknown, images: [] },
    ]);
    const strange = callAsStaff("product.setTranslation", { id, language, name: "셔츠", options: [{ id, text: "?" }] });
    await expect(strange).rejects.toEqual(code("PRODUCT_OPTION_UNKNOWN"));
    const ofVariant = callAsStaff("product.setTranslation", { id: variant.id, language, name: "셔츠" });
    await expect(ofVariant).rejects.toEqual(code("PRODUCT_IS_VARIANT"));
  });

  it("rejects with OWN_LANGUAGE the shop's language, and with STALE_VERSION a change of an older version", async () => {
    const { id, version } = await create();
    const own = callAsStaff("product.setTranslation", { id, language: "en", name: "Tea" });
    await expect(own).rejects.toEqual(code("PRODUCT_OWN_LANGUAGE"));
    await callAsStaff("product.setTranslation", { id, version, language, name: "차" });
    const late = callAsStaff("product.removeTranslation", { id, version, language });
    await expect(late).rejects.toEqual(code("STALE_VERSION"));
  });
});

describe("a category", () => {
  it("tells its path from the top, in the reader's language", async () => {
    const [home, kitchen] = [await createCategory("Home"), await createCategory("Kitchen")];
    const jars = await createCategory("Jars", kitchen.id);
    expect(jars.path).toEqual([{ id: kitchen.id, name: "Kitchen" }]);
    await callAsStaff("product.updateCategory", { id: kitchen.id, parentId: home.id });
    await callAsStaff("product.setCategoryTranslation", { id: kitchen.id, language, name: "주방" });
    const path = [
      { id: home.id, name: "Home" },
      { id: kitchen.id, name: "주방" },
    ];
    expect(await callIn("ko", "product.getCategory", { id: jars.id })).toMatchObject({ name: "Jars", path });
    expect(await callIn("ko", "product.getCategory", { id: kitchen.id })).toMatchObject({
      name: "주방",
      language: "ko",
    });
    const { id } = await create({ categoryId: jars.id, name: "Onggi" });
    const { items } = await callIn("ko", "product.list", { category: home.id });
    expect(items.map((one) => one.id)).toEqual([id]);
    const facets = await callIn("ko", "product.getFacets", { category: home.id });
    expect(facets.categories.items).toContainEqual({ id: kitchen.id, name: "주방", parentId: home.id, count: 1 });
    expect(await callAsStaff("product.listCategoryTranslations", { id: kitchen.id })).toEqual({
      items: [{ language, name: "주방" }],
    });
    await callAsStaff("product.removeCategoryTranslation", { id: kitchen.id, language });
    expect(await callIn("ko", "product.getCategory", { id: kitchen.id })).toMatchObject({ name: "Kitchen" });
  });
});

describe("metadata", () => {
  it("is kept, replaced as a whole, and bounded", async () => {
    const { id, metadata } = await create({ metadata: { "erp.number": "4711", origin: "KR" }, price: won(1) });
    expect(metadata).toEqual({ "erp.number": "4711", origin: "KR" });
    expect(await callAsStaff("product.update", { id, metadata: { origin: "JP" } })).toMatchObject({
      metadata: { origin: "JP" },
    });
    expect(await callAsStaff("product.update", { id, metadata: {} })).not.toHaveProperty("metadata");
    const many = Object.fromEntries(Array.from({ length: 31 }, (_, key) => [`k${key}`, "x"]));
    for (const wrong of [many, { "a b": "x" }, { [`a${"b".repeat(40)}`]: "x" }, { a: "x".repeat(301) }])
      await expect(create({ metadata: wrong })).rejects.toEqual(code("VALIDATION_FAILED"));
  });
});
