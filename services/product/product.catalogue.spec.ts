/**
 * How products are found: by a search, in an order, and in categories.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Input } from "#core/contract.ts";
import { productService, won } from "../../test/support/systems/product-service.ts";

const { call, callAsStaff, create, createCategory } = productService();

describe("product.list", () => {
  let categoryId: string;
  let childId: string;
  const search = async (filter: Input<"product.list">) => {
    const { items } = await call("product.list", { category: categoryId, ...filter });
    return items.map(({ name }) => name);
  };

  beforeAll(async () => {
    categoryId = (await createCategory("Parent")).id;
    childId = (await createCategory("Child", categoryId)).id;
    // Each has a later time than the one before it, though all are made within one millisecond.
    let time = Date.now();
    const clock = jest.spyOn(Date, "now").mockImplementation(() => (time += 1));
    const add = (name: string, amount: number, values: Partial<Input<"product.create">> = {}) =>
      create({ name, price: won(amount), categoryId, ...values });
    await add("Cup", 3000);
    await add("Bowl", 2000, { description: "50% off, a_b" });
    await add("Ärmel", 2500, { stock: 0 });
    await add("Plate", 1000, { categoryId: childId });
    clock.mockRestore();
  });

  it.each([
    ["newest", ["Plate", "Ärmel", "Bowl", "Cup"]],
    ["name", ["Ärmel", "Bowl", "Cup", "Plate"]],
    ["price", ["Plate", "Bowl", "Ärmel", "Cup"]],
    ["-price", ["Cup", "Ärmel", "Bowl", "Plate"]],
  ] as const)("sorts by %s, page by page", async (sort, names) => {
    const found: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const filter = { category: categoryId, sort, limit: 1 };
      const answer = await call("product.list", cursor === undefined ? filter : { ...filter, cursor });
      found.push(...answer.items.map(({ name }) => name));
      cursor = answer.nextCursor;
    }
    expect(found).toEqual(names);
    expect(await search({ sort })).toEqual(names);
  });

  it.each([
    [{ q: "BOWL" }, ["Bowl"]],
    [{ q: "boseong" }, ["Plate", "Ärmel", "Cup"]],
    [{ q: "ÄRM" }, ["Ärmel"]],
    [{ q: "a\u0308rm" }, ["Ärmel"]],
    [{ q: "arm" }, ["Ärmel"]],
    [{ q: "\\" }, []],
    [{ q: "0%" }, ["Bowl"]],
    [{ q: "%" }, ["Bowl"]],
    [{ q: "a_b" }, ["Bowl"]],
    [{ q: "_" }, ["Bowl"]],
    [{ q: "" }, ["Plate", "Ärmel", "Bowl", "Cup"]],
    [{ inStock: true }, ["Plate", "Bowl", "Cup"]],
    [{ inStock: false }, ["Plate", "Ärmel", "Bowl", "Cup"]],
    [{ minPrice: 2500 }, ["Ärmel", "Cup"]],
    [{ maxPrice: 2000 }, ["Plate", "Bowl"]],
    [{ minPrice: 2000, maxPrice: 2600, inStock: true }, ["Bowl"]],
  ])("finds by %j", async (filter, names) => {
    expect(await search(filter)).toEqual(names);
  });

  it("finds the products of a category and of those below it", async () => {
    expect(await search({ category: childId })).toEqual(["Plate"]);
  });

  it("searches and sorts in any language, without regard to case and accents", async () => {
    const { id: category } = await createCategory("Languages");
    const names = ["apple", "éclair", "Øl", "Straße", "Zebra", "zoo", "ΑΣΠΡΟ", "Чай", "가방", "강"];
    for (const name of names.toReversed()) await create({ name, description: "", categoryId: category });
    const find = (filter: Input<"product.list">) => search({ category, sort: "name", ...filter });
    expect(await find({})).toEqual(names);
    for (const [q, name] of [
      ["STRASSE", "Straße"],
      ["strasse", "Straße"],
      ["ΑΣ", "ΑΣΠΡΟ"],
      ["άσπρο", "ΑΣΠΡΟ"],
      ["ECLAIR", "éclair"],
      ["øL", "Øl"],
      ["ЧАЙ", "Чай"],
      ["가".normalize("NFD"), "가방"],
    ]) {
      expect(await find({ q: q! })).toEqual([name]);
    }
  });

  it("accepts the cursor of a page that ends with the longest name", async () => {
    const name = "차".repeat(200);
    await create({ name });
    await create({ name });
    const { nextCursor } = await call("product.list", { q: name.slice(0, 100), sort: "name", limit: 1 });
    const next = await call("product.list", { q: name.slice(0, 100), sort: "name", cursor: nextCursor! });
    expect(next.items).toHaveLength(1);
  });

  it("rejects with VALIDATION_FAILED a cursor of another sort order", async () => {
    const { nextCursor } = await call("product.list", { sort: "price", limit: 1 });
    await expect(call("product.list", { sort: "name", cursor: nextCursor! })).rejects.toMatchObject({
      type: "VALIDATION_FAILED",
    });
  });
});

describe("product categories", () => {
  it("are renamed, moved and listed page by page", async () => {
    const [one, other] = [await createCategory("One"), await createCategory("Other")];
    const moved = await callAsStaff("product.updateCategory", { id: other.id, version: 1, parentId: one.id });
    expect(moved).toEqual({ ...other, parentId: one.id, path: [{ id: one.id, name: "One" }], version: 2 });
    expect(await callAsStaff("product.updateCategory", { id: other.id, name: "Two" })).toMatchObject({
      name: "Two",
      parentId: one.id,
    });
    const first = await call("product.listCategories", { limit: 1 });
    const rest = await call("product.listCategories", { limit: 100, cursor: first.nextCursor! });
    const ids = [...first.items, ...rest.items].map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([one.id, other.id]));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("are each listed once, though some are removed between the pages", async () => {
    const made: string[] = [];
    for (let number = 0; number < 5; number += 1) made.push((await createCategory(`Number ${number}`)).id);
    const seen: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const answer = await call("product.listCategories", cursor === undefined ? { limit: 2 } : { limit: 2, cursor });
      seen.push(...answer.items.map(({ id }) => id));
      cursor = answer.nextCursor;
      const gone = answer.items.find(({ id }) => made.includes(id));
      if (gone) await callAsStaff("product.removeCategory", { id: gone.id });
    }
    expect(seen.filter((id) => made.includes(id))).toEqual(made);
  });

  it("cannot be moved below themselves: CATEGORY_CYCLE", async () => {
    const top = await createCategory("Top");
    const middle = await createCategory("Middle", top.id);
    const bottom = await createCategory("Bottom", middle.id);
    for (const parentId of [top.id, bottom.id]) {
      await expect(callAsStaff("product.updateCategory", { id: top.id, parentId })).rejects.toMatchObject({
        type: "PRODUCT_CATEGORY_CYCLE",
      });
    }
  });

  it("cannot be moved below each other at the same time: one move is rejected with CATEGORY_CYCLE", async () => {
    const [one, other] = [await createCategory("One"), await createCategory("Other")];
    const below = await createCategory("Below", other.id);
    const moves = await Promise.allSettled([
      callAsStaff("product.updateCategory", { id: one.id, parentId: below.id }),
      callAsStaff("product.updateCategory", { id: other.id, parentId: one.id }),
    ]);
    const refused = moves.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => (reason as { type: string }).type)).toEqual(["PRODUCT_CATEGORY_CYCLE"]);
  });

  it("cannot be removed while they contain a category or a product: CATEGORY_IN_USE", async () => {
    const parent = await createCategory("Parent");
    const child = await createCategory("Child", parent.id);
    const { id } = await create({ categoryId: child.id });
    for (const used of [parent, child]) {
      await expect(callAsStaff("product.removeCategory", { id: used.id })).rejects.toMatchObject({
        type: "PRODUCT_CATEGORY_IN_USE",
      });
    }
    await callAsStaff("product.archive", { id });
    expect(await callAsStaff("product.removeCategory", { id: child.id })).toBeNull();
    expect(await callAsStaff("product.removeCategory", { id: parent.id })).toBeNull();
  });

  it("are removed, or get a product or a child at the same time, but never both", async () => {
    for (let time = 0; time < 20; time += 1) {
      const { id } = await createCategory("Contested");
      const rivals = [
        callAsStaff("product.removeCategory", { id }),
        create({ categoryId: id }),
        createCategory("Child", id),
      ];
      const refused = (await Promise.allSettled(rivals)).filter(({ status }) => status === "rejected");
      const types = refused.map((one) => ((one as PromiseRejectedResult).reason as { type: string }).type);
      const [inUse, notFound] = ["PRODUCT_CATEGORY_IN_USE", "PRODUCT_CATEGORY_NOT_FOUND"];
      expect([[inUse], [notFound, notFound]]).toContainEqual(types);
    }
  });

  it("that are unknown or were changed since are rejected", async () => {
    const id = newId();
    const missing = { type: "NOT_FOUND" };
    await expect(callAsStaff("product.removeCategory", { id })).rejects.toMatchObject(missing);
    await expect(callAsStaff("product.updateCategory", { id, name: "None" })).rejects.toMatchObject(missing);
    await expect(createCategory("Orphan", id)).rejects.toMatchObject({ type: "PRODUCT_CATEGORY_NOT_FOUND" });
    const { id: there } = await createCategory("There");
    await expect(callAsStaff("product.updateCategory", { id: there, version: 2, name: "New" })).rejects.toMatchObject({
      type: "STALE_VERSION",
    });
  });
});
