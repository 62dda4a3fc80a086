/**
 * Cancelling in part: the units come back into stock, their money to the customer, and the rest is as if nothing else
 * had been ordered.
 * @databases sqlite postgres
 */
import type { Output } from "#core/contract.ts";
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let goods: string[];
beforeAll(async () => {
  allServices = await AllServices.open();
  staff = await allServices.person("staff");
  const steps = [{ from: 0, fee: 2500 }];
  await staff.call("order.setShippingRules", { currency: "KRW", rules: [{ name: "Parcel", steps }] });
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
  goods = [await allServices.product(won(1000)), await allServices.product(won(7001))];
});

type Order = Output<"order.get">;
const place = (paymentMethod = "tok_success"): Promise<Order> =>
  customer.call("order.create", {
    items: [
      { productId: goods[0]!, quantity: 3 },
      { productId: goods[1]!, quantity: 1 },
    ],
    paymentMethod,
    shippingAddress: address,
  });
const units = (index: number, quantity: number) => ({ productId: goods[index]!, quantity });
const cancel = ({ id }: Order, ...items: { productId: string; quantity: number }[]) =>
  customer.call("order.cancelItems", { id, items });
const charge = async ({ id }: Order) => (await chargesOf(allServices, id))[0]!;
const stock = async () =>
  Promise.all(goods.map(async (id) => (await customer.call("product.getStock", { id })).onHand));
const told = async ({ id }: Order, type: string) =>
  (await customer.call("order.watch", { id })).items.filter(({ event }) => event === type);

describe("order.cancelItems", () => {
  it("refunds the units with their share of the shipping, and brings them back into stock", async () => {
    const order = await place();
    expect(order).toMatchObject({ total: won(12_501), shipping: won(2500) });
    expect(await stock()).toEqual([7, 9]);
    const cancelled = await cancel(order, units(0, 2));
    expect(cancelled).toMatchObject({ status: "confirmed", items: [{ quantity: 3, cancelled: 2 }, {}] });
    await eventually(async () => (await told(order, "order.refunded")).length === 1);
    // The three are 3,000 and 750 of the fee, which are two thirds of 3,750.
    expect(await charge(order)).toMatchObject({ captured: won(12_501), refunded: won(2500) });
    expect(await stock()).toEqual([9, 9]);
    const [news] = await told(order, "order.items_cancelled");
    expect(news!.data).toMatchObject({ by: "customer", amount: won(2500), items: [{ ...units(0, 2), name: "Tea" }] });
    const { items } = await staff.call("product.listMovements", { id: goods[0]!, limit: 1 });
    expect(items).toMatchObject([{ kind: "return", onHand: 2, orderId: order.id, reason: "items_cancelled" }]);
  });

  it("cancels the order when nothing else is left, and all refunds are its total", async () => {
    const order = await place();
    await cancel(order, units(0, 1));
    await cancel(order, units(1, 1));
    expect(await cancel(order, units(0, 2))).toMatchObject({ status: "cancelled", reason: "ORDER_CANCELLED" });
    await eventually(async () => (await charge(order)).refunded.amount === order.total.amount);
    await eventually(async () => (await stock()).join() === "10,10");
    await expect(cancel(order, units(0, 1))).rejects.toMatchObject({
      type: "ORDER_NOT_SHIPPABLE",
      data: { status: "cancelled" },
    });
  });

  it("leaves the rest to be sent, and what is packed to be kept", async () => {
    const order = await place();
    const parcel = await staff.call("order.createShipment", { id: order.id, items: [units(0, 2)] });
    await expect(cancel(order, units(0, 2))).rejects.toMatchObject({
      code: 409,
      type: "ORDER_UNITS_UNAVAILABLE",
      data: { productId: goods[0], available: 1 },
    });
    await cancel(order, units(0, 1), units(1, 1));
    await staff.call("order.updateShipment", { id: parcel.id, state: "shipped" });
    expect(await customer.call("order.get", { id: order.id })).toMatchObject({ status: "shipped" });
    await expect(staff.call("order.createShipment", { id: order.id })).rejects.toMatchObject({
      type: "ORDER_UNITS_UNAVAILABLE",
    });
  });

  it("takes effect once for one key, and never for more units than there are", async () => {
    const order = await place();
    const asked = Array.from({ length: 8 }, (_, n) =>
      customer.call("order.cancelItems", { id: order.id, items: [units(0, 1)] }, `cancel-${n % 4}`),
    );
    const ends = await Promise.allSettled(asked);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(6);
    await eventually(async () => (await told(order, "order.refunded")).length === 3);
    expect(await charge(order)).toMatchObject({ refunded: won(3750) });
    expect(await stock()).toEqual([10, 9]);
  });

  it("refunds no more than staff have left", async () => {
    const order = await place();
    await staff.call("payment.refund", { id: order.paymentId!, amount: won(12_000), reason: "a broken cup" });
    await cancel(order, units(0, 1));
    await eventually(async () => (await told(order, "order.refunded")).length === 1);
    expect(await charge(order)).toMatchObject({ refunded: won(12_501) });
    expect((await told(order, "order.refunded"))[0]!.data).toMatchObject({ amount: won(501) });
  });

  it("goes on when the services that it needs are back", async () => {
    const order = await place();
    await allServices.remove("payment");
    expect(await cancel(order, units(0, 1))).toMatchObject({ items: [{ cancelled: 1 }, {}] });
    await allServices.restore("payment");
    await eventually(async () => (await charge(order)).refunded.amount === 1250);
    expect(await stock()).toEqual([8, 9]);
  });

  it("is not for an order that waits for its payment, nor for a stranger", async () => {
    const order = await place("tok_3ds");
    await expect(cancel(order, units(0, 1))).rejects.toMatchObject({ code: 409, type: "ORDER_NOT_SHIPPABLE" });
    const stranger = await allServices.person();
    const asked = stranger.call("order.cancelItems", { id: order.id, items: [units(0, 1)] });
    await expect(asked).rejects.toMatchObject({ code: 404, type: "NOT_FOUND" });
  });
});
