/**
 * Stock that runs low, is sold out, and comes back.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Envelope } from "#core/envelope.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { productService } from "../../test/support/systems/product-service.ts";

const { callAsStaff, callAsService, create, sweep, alert, eventsOf } = productService();

const told = async (id: string): Promise<string[]> =>
  (await eventsOf(id)).map(({ type, data }: Envelope) => {
    const { sellable } = data as { sellable?: number };
    return sellable === undefined ? type : `${type} ${sellable}`;
  });
const reserve = async (productId: string, quantity: number): Promise<string> => {
  const orderId = newId();
  await callAsService("product.reserve", { orderId, items: [{ productId, quantity }] });
  return orderId;
};
const adjust = (id: string, quantity: number) => callAsStaff("product.adjustStock", { id, quantity, reason: "count" });
const until = async (id: string, events: readonly string[]) => {
  await eventually(async () => {
    alert();
    return (await eventsOf(id)).length >= events.length;
  });
  expect(await told(id)).toEqual(events);
};

it("tells each crossing once, whatever changes the stock", async () => {
  const { id } = await create({ stock: 10 });
  expect(await callAsStaff("product.getStockThreshold", { id })).toEqual({ lowAt: 5, isDefault: true });
  await reserve(id, 4);
  const order = await reserve(id, 1);
  await until(id, ["product.stock_dropped 5"]);
  await reserve(id, 2);
  const last = await reserve(id, 3);
  await until(id, ["product.stock_dropped 5", "product.stock_exhausted"]);
  await callAsService("product.release", { orderId: last });
  await until(id, ["product.stock_dropped 5", "product.stock_exhausted", "product.restocked 3"]);
  await callAsService("product.commit", { orderId: order });
  const release = { orderId: order, releaseId: newId(), reason: "return", items: [{ productId: id, quantity: 1 }] };
  await callAsService("product.releaseItems", release);
  await adjust(id, 10);
  await adjust(id, -10);
  await until(id, ["product.stock_dropped 5", "product.stock_exhausted", "product.restocked 3"]);
});

it("tells that stock is back when a reservation expires", async () => {
  const { id } = await create({ stock: 1 });
  await reserve(id, 1);
  await until(id, ["product.stock_exhausted"]);
  jest.spyOn(Date, "now").mockReturnValue(Date.now() + 3_600_000);
  sweep();
  await until(id, ["product.stock_exhausted", "product.restocked 1"]);
});

it("tells one event when many buy the last units at once, and nothing of what came back before it was told", async () => {
  const { id } = await create({ stock: 20 });
  await callAsStaff("product.setStockThreshold", { id, lowAt: 12 });
  await Promise.all(Array.from({ length: 10 }, () => reserve(id, 1)));
  alert();
  await until(id, ["product.stock_dropped 10"]);
});

it("takes a product's own threshold, also when it is set later", async () => {
  const { id } = await create({ stock: 30 });
  expect(await callAsStaff("product.setStockThreshold", { id, lowAt: 30 })).toEqual({ lowAt: 30, isDefault: false });
  await until(id, ["product.stock_dropped 30"]);
  expect((await callAsStaff("product.listShortStock", {})).items).toContainEqual(
    expect.objectContaining({ productId: id, isSoldOut: false, sellable: 30 }),
  );
  expect(await callAsStaff("product.setStockThreshold", { id, lowAt: null })).toEqual({ lowAt: 5, isDefault: true });
  await eventually(async () => {
    alert();
    const { items } = await callAsStaff("product.listShortStock", { limit: 100 });
    return !items.some(({ productId }) => productId === id);
  });
});

it("says nothing of a product without stock from the beginning", async () => {
  const { id } = await create({ stock: 0 });
  await adjust(id, 1);
  await until(id, ["product.restocked 1"]);
});
