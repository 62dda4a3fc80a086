/**
 * Addresses of products.
 * @databases sqlite postgres
 */
import { productService } from "../../test/support/systems/product-service.ts";

const { call, callAsStaff, create } = productService();
const code = (type: string) => expect.objectContaining({ type });

describe("product.getBySlug", () => {
  it("finds a product by its address, which is its name at first", async () => {
    const { id, slug } = await create({ name: "하동 Sejak, 50 g!" });
    expect(slug).toBe("하동-sejak-50-g");
    expect(await call("product.getBySlug", { slug: slug! })).toMatchObject({
      id,
      slug,
      isFormer: false,
      product: { id, slug },
    });
    expect(await call("product.get", { id })).toMatchObject({ slug });
  });

  it("gives each of those with one name an address of its own, also when they are made at once", async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => create({ name: "Twin teapot" })));
    const slugs = made.map(({ slug }) => slug);
    expect(new Set(slugs).size).toBe(8);
    expect(slugs.filter((slug) => slug === "twin-teapot")).toHaveLength(1);
    for (const { id, slug } of made) expect(await call("product.getBySlug", { slug: slug! })).toMatchObject({ id });
  });

  it("makes an address of the id where the name has no letters", async () => {
    const { id, slug } = await create({ name: "★★★" });
    expect(slug).toBe(id.replaceAll("-", "").slice(-12));
  });

  it("leads from former addresses to the present one, and gives them to nobody else", async () => {
    const { id } = await create({ name: "Old address" });
    const other = await create({ name: "Other address" });
    await callAsStaff("product.update", { id, slug: "new-address" });
    expect(await call("product.getBySlug", { slug: "old-address" })).toMatchObject({
      id,
      slug: "new-address",
      isFormer: true,
    });
    for (const slug of ["new-address", "old-address"])
      await expect(callAsStaff("product.update", { id: other.id, slug })).rejects.toEqual(code("PRODUCT_SLUG_TAKEN"));
    expect(await callAsStaff("product.update", { id, slug: "old-address" })).toMatchObject({ slug: "old-address" });
    expect(await call("product.getBySlug", { slug: "new-address" })).toMatchObject({ id, isFormer: true });
  });

  it("gives an address that several want at once to one of them: SLUG_TAKEN", async () => {
    const made = await Promise.all(Array.from({ length: 4 }, (_, number) => create({ name: `Racer ${number}` })));
    const ends = await Promise.allSettled(
      made.map(({ id }) => callAsStaff("product.update", { id, slug: "the-prize" })),
    );
    const refusals = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    expect(refusals).toEqual(Array.from({ length: 3 }, () => code("PRODUCT_SLUG_TAKEN")));
    const { id, slug } = await call("product.getBySlug", { slug: "the-prize" });
    expect([made.map((one) => one.id).includes(id), slug]).toEqual([true, "the-prize"]);
  });

  it("rejects with NOT_FOUND what never was an address, and that of a product which is archived", async () => {
    const { id, slug } = await create({ name: "Gone address" });
    await callAsStaff("product.archive", { id });
    for (const gone of [slug!, "never-was"])
      await expect(call("product.getBySlug", { slug: gone })).rejects.toEqual(code("NOT_FOUND"));
  });

  it.each(["", "a b", "a--b", "-a", "a/b", "A".repeat(81), "a_b"])("refuses %j as an address", async (slug) => {
    const { id } = await create({ name: "Plain" });
    await expect(callAsStaff("product.update", { id, slug })).rejects.toEqual(code("VALIDATION_FAILED"));
  });
});
