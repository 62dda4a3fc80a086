/** Failures on the way of what is given back: goods and money come back once, whichever call is lost, and however late it arrives. */
import type { Fault } from "../support/faults/call-faults.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { OrderServices, type PlacedOrder } from "../support/systems/order-services.ts";

process.env.PAYMENT_RECONCILE_AFTER = "400";

const services = await OrderServices.open();
afterAll(() => services.close());

const ACTIONS = ["product.releaseItems", "payment.refundPart"];

const refundsOf = async ({ id, userId }: PlacedOrder) => {
  const { items } = await services.as(userId, "order.watch", { id });
  return items.filter(({ event }) => event === "order.refunded").length;
};

describe("what is given back", () => {
  it.each<Fault["mode"]>(["before", "after", "late"])(
    "comes back once when calls fail %s their effect",
    async (mode) => {
      const orders = await Promise.all([1, 2, 3].map(() => services.placeOrder("tok_success")));
      for (const action of ACTIONS) services.faults.planAny({ action, mode, times: orders.length });
      await Promise.all(orders.map((order) => services.sendPart(order)));
      await eventually(async () => (await Promise.all(orders.map(refundsOf))).every((count) => count === 1));
      for (const action of ACTIONS) await services.faults.arriveAny(action);
      expect(await services.violations()).toEqual([]);
    },
  );

  it("is all of the order when its cancellation meets that of its parts", async () => {
    const orders = await Promise.all([1, 2, 3, 4].map(() => services.placeOrder("tok_success")));
    services.faults.planAny({ action: "payment.refundPart", mode: "late", times: 2 });
    const part = { productId: services.productId, quantity: 1 };
    for (const order of orders) await services.as(order.userId, "order.cancelItems", { id: order.id, items: [part] });
    await Promise.all(orders.map((order) => services.cancel(order)));
    await Promise.all(orders.map((order) => services.reaches("cancelled", order)));
    await services.faults.arriveAny("payment.refundPart");
    expect(await services.violations()).toEqual([]);
  });

  it("is never more than there is, whatever is asked at once", async () => {
    const order = await services.placeOrder("tok_success");
    const { id, userId } = order;
    const items = [{ productId: services.productId, quantity: 1 }];
    await Promise.allSettled([
      ...Array.from({ length: 4 }, () => services.as(userId, "order.cancelItems", { id, items })),
      services.cancel(order),
      services.send(id),
    ]);
    await eventually(async () => (await services.violations()).length === 0);
  });
});
