/**
 * Products, their prices and their stock.
 * @databases sqlite postgres
 */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { productService, tea, won } from "../../test/support/systems/product-service.ts";

const { call, callAsStaff, callAsService, create, sweep } = productService();

describe("product.create, get, update and archive", () => {
  it("adds a product that everyone can see", async () => {
    const made = await create();
    const { stock: sellable, ...described } = tea;
    expect(made).toMatchObject({ ...described, categoryId: null, taxRate: 1000, sellable, version: 1 });
    expect(await call("product.get", { id: made.id })).toEqual(made);
  });

  it("rejects with CATEGORY_NOT_FOUND an unknown category", async () => {
    await expect(create({ categoryId: newId() })).rejects.toMatchObject({ type: "PRODUCT_CATEGORY_NOT_FOUND" });
  });

  it("changes only the fields that are given", async () => {
    const { id, version } = await create();
    const changed = await callAsStaff("product.update", { id, version, name: "Black tea", taxRate: 0 });
    expect(changed).toMatchObject({ name: "Black tea", description: tea.description, taxRate: 0, version: 2 });
  });

  it("rejects with STALE_VERSION a change of an older version", async () => {
    const { id } = await create();
    await callAsStaff("product.update", { id, version: 1, name: "Black tea" });
    await expect(callAsStaff("product.update", { id, version: 1, name: "White tea" })).rejects.toMatchObject({
      type: "STALE_VERSION",
    });
    expect(await call("product.get", { id })).toMatchObject({ name: "Black tea", version: 2 });
  });

  it("takes an archived product off sale", async () => {
    const { id } = await create({ name: "Archived" });
    expect(await callAsStaff("product.archive", { id })).toBeNull();
    const gone = { type: "NOT_FOUND" };
    await expect(call("product.get", { id })).rejects.toMatchObject(gone);
    await expect(call("product.getStock", { id })).rejects.toMatchObject(gone);
    await expect(callAsStaff("product.archive", { id })).rejects.toMatchObject(gone);
    await expect(callAsStaff("product.update", { id, name: "Back" })).rejects.toMatchObject(gone);
    expect((await call("product.list", { q: "Archived" })).items).toEqual([]);
    expect(await callAsService("product.lookup", { ids: [id] })).toEqual({ items: [] });
  });
});

describe("product.setPrice and listPrices", () => {
  const setClock = (milliseconds: number) => jest.spyOn(Date, "now").mockReturnValue(milliseconds);
  const day = 24 * 60 * 60 * 1000;

  it("sets the price at once", async () => {
    const { id } = await create();
    expect(await callAsStaff("product.setPrice", { id, price: won(8000) })).toMatchObject({
      price: won(8000),
      version: 2,
    });
  });

  it("starts a scheduled price at its time", async () => {
    const { id } = await create();
    const start = Date.now();
    await callAsStaff("product.setPrice", { id, price: won(7000), from: timestamp(start + 2 * day) });
    await callAsStaff("product.setPrice", { id, price: won(8000), from: timestamp(start + day) });
    const prices: number[] = [];
    for (const time of [start, start + day - 1, start + day, start + 2 * day]) {
      setClock(time);
      const { items } = await callAsService("product.lookup", { ids: [id] });
      expect((await call("product.get", { id })).price).toEqual(items[0]!.price);
      prices.push(items[0]!.price.amount);
    }
    expect(prices).toEqual([9000, 9000, 8000, 7000]);
  });

  it("keeps a history of prices without a gap or an overlap", async () => {
    const { id } = await create();
    const from = timestamp(Date.now() + day);
    await callAsStaff("product.setPrice", { id, price: won(7000), from });
    await callAsStaff("product.setPrice", { id, price: won(6000), from });
    const { items, nextCursor } = await callAsStaff("product.listPrices", { id, limit: 1 });
    expect(items).toEqual([{ price: won(6000), from, until: null, setAt: expect.any(String) }]);
    expect(await callAsStaff("product.listPrices", { id, cursor: nextCursor! })).toEqual({
      items: [{ price: won(9000), from: null, until: from, setAt: expect.any(String) }],
      nextCursor: null,
    });
  });

  it.each([
    ["PRODUCT_PRICE_CURRENCY", { price: { amount: 1, currency: "USD" as const } }],
    ["PRODUCT_PRICE_IN_PAST", { price: won(1), from: "2020-01-01T00:00:00Z" }],
    ["STALE_VERSION", { price: won(1), version: 7 }],
    ["NOT_FOUND", { price: won(1), id: newId() }],
  ])("rejects with %s", async (type, setting) => {
    const { id } = await create();
    await expect(callAsStaff("product.setPrice", { id, ...setting })).rejects.toMatchObject({ type });
    expect(await call("product.get", { id })).toMatchObject({ price: tea.price, version: 1 });
  });

  it("rejects with NOT_FOUND the prices of an unknown product", async () => {
    await expect(callAsStaff("product.listPrices", { id: newId() })).rejects.toMatchObject({ type: "NOT_FOUND" });
  });
});

describe("product.adjustStock, getStock and listMovements", () => {
  it("changes the stock once for one idempotency key", async () => {
    const { id } = await create();
    const key = newId();
    const booked = { onHand: 7, held: 0, sellable: 7 };
    expect(await callAsStaff("product.adjustStock", { id, quantity: -3, reason: "Broken" }, key)).toEqual(booked);
    expect(await callAsStaff("product.adjustStock", { id, quantity: -3, reason: "Broken" }, key)).toEqual(booked);
    expect(await call("product.getStock", { id })).toEqual(booked);
    const { items, nextCursor } = await callAsStaff("product.listMovements", { id, limit: 1 });
    const at = expect.any(String) as string;
    expect(items).toEqual([{ kind: "adjustment", onHand: -3, held: 0, orderId: null, reason: "Broken", at }]);
    expect(await callAsStaff("product.listMovements", { id, cursor: nextCursor! })).toEqual({
      items: [{ kind: "initial", onHand: 10, held: 0, orderId: null, reason: null, at }],
      nextCursor: null,
    });
  });

  it("rejects with OUT_OF_STOCK an adjustment that takes stock held for orders", async () => {
    const { id } = await create();
    await callAsService("product.reserve", { orderId: newId(), items: [{ productId: id, quantity: 4 }] });
    await expect(callAsStaff("product.adjustStock", { id, quantity: -7, reason: "Lost" })).rejects.toMatchObject({
      type: "PRODUCT_OUT_OF_STOCK",
      data: { productId: id, requested: 7, sellable: 6 },
    });
  });

  it("rejects an adjustment by zero, and one of an unknown product", async () => {
    const { id } = await create();
    const nothing = { id, quantity: 0, reason: "None" };
    await expect(callAsStaff("product.adjustStock", nothing)).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
    const missing = { type: "NOT_FOUND" };
    await expect(callAsStaff("product.adjustStock", { ...nothing, id: newId(), quantity: 1 })).rejects.toMatchObject(
      missing,
    );
    await expect(callAsStaff("product.listMovements", { id: newId() })).rejects.toMatchObject(missing);
  });
});

describe("product.lookup", () => {
  it("answers each product that is on sale once", async () => {
    const { id, name, price, taxRate, sellable } = await create({ taxRate: 500 });
    expect(await callAsService("product.lookup", { ids: [id, newId(), id] })).toEqual({
      items: [{ id, name, price, taxRate, sellable }],
    });
  });
});

describe("product.reserve, commit and release", () => {
  const commit = (orderId: string) => callAsService("product.commit", { orderId });

  it("lets exactly ten of a hundred buyers have ten units", async () => {
    const { id } = await create();
    const orders = Array.from({ length: 100 }, newId);
    const reserved = await Promise.allSettled(
      orders.map((orderId) => callAsService("product.reserve", { orderId, items: [{ productId: id, quantity: 1 }] })),
    );
    const successful = orders.filter((_, index) => reserved[index]!.status === "fulfilled");
    expect(successful).toHaveLength(10);
    expect(await call("product.getStock", { id })).toEqual({ onHand: 10, held: 10, sellable: 0 });
    await Promise.all(successful.flatMap((orderId) => [commit(orderId), commit(orderId)]));
    expect(await call("product.getStock", { id })).toEqual({ onHand: 0, held: 0, sellable: 0 });
    await Promise.all(successful.map((orderId) => callAsService("product.release", { orderId })));
    expect(await call("product.getStock", { id })).toEqual({ onHand: 10, held: 0, sellable: 10 });
  });

  it("holds the stock until the time that it answers, and frees it afterwards", async () => {
    const { id } = await create();
    const before = Date.now();
    const request = { orderId: newId(), items: [{ productId: id, quantity: 1 }] };
    const { expiresAt } = await callAsService("product.reserve", request);
    expect(expiresAt).toBeGreaterThanOrEqual(before + 900_000);
    expect(await call("product.getStock", { id })).toMatchObject({ held: 1 });
    jest.spyOn(Date, "now").mockReturnValue(expiresAt);
    sweep();
    await eventually(async () => (await call("product.getStock", { id })).held === 0);
  });
});

describe("many orders at once", () => {
  const buy = async (productIds: readonly string[]) => {
    const orderId = newId();
    await callAsService("product.reserve", {
      orderId,
      items: productIds.map((productId) => ({ productId, quantity: 1 })),
    });
    await callAsService("product.commit", { orderId });
  };

  it("never sell more than the stock", async () => {
    const { id } = await create({ stock: 20 });
    const bought = await Promise.allSettled(Array.from({ length: 200 }, () => buy([id])));
    const refused = bought.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => (reason as { type: string }).type)).toEqual(
      Array(180).fill("PRODUCT_OUT_OF_STOCK"),
    );
    expect(await call("product.getStock", { id })).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });

  it("of the same products all succeed, in whatever order their lines are", async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, async () => (await create({ stock: 100 })).id));
    const productsOf = (turn: number) => [...ids.slice(turn % 4), ...ids.slice(0, turn % 4)];
    await Promise.all(Array.from({ length: 100 }, (_, turn) => buy(productsOf(turn))));
    for (const id of ids) expect(await call("product.getStock", { id })).toMatchObject({ onHand: 0, held: 0 });
  });
});

describe("product.seed", () => {
  const products = [
    { key: "cup", name: "Moon cup", description: "", category: "Seeded", price: won(100), stock: 1 },
    { key: "jar", name: "Moon jar", description: "", category: "Seeded", price: won(200), stock: 2 },
  ];

  it("adds the products that are missing, once", async () => {
    expect(await callAsService("product.seed", { products: products.slice(0, 1) })).toEqual({ added: 1 });
    expect(await callAsService("product.seed", { products })).toEqual({ added: 1 });
    expect(await callAsService("product.seed", { products })).toEqual({ added: 0 });
    const { items } = await call("product.list", { q: "moon", sort: "price" });
    expect(items.map(({ price, sellable }) => [price.amount, sellable])).toEqual([
      [100, 1],
      [200, 2],
    ]);
    expect(new Set(items.map(({ categoryId }) => categoryId)).size).toBe(1);
  });
});
