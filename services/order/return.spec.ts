/**
 * Returns: asked for by the customer, decided and received by staff, and paid back once.
 * @databases sqlite postgres
 */
import { DAY } from "#core/clock.ts";
import type { Output } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import type { OrderTables } from "./order.repository.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let goods: string;
beforeAll(async () => {
  allServices = await AllServices.open();
  staff = await allServices.person("staff");
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
  goods = await allServices.product(won(1000));
});

type Order = Output<"order.get">;
type Return = Output<"order.getReturn">;

/** Three units, which have arrived. */
async function delivered(): Promise<Order> {
  const items = [{ productId: goods, quantity: 3 }];
  const order = await customer.call("order.create", { items, paymentMethod: "tok_success", shippingAddress: address });
  const { id } = await staff.call("order.createShipment", { id: order.id });
  await staff.call("order.updateShipment", { id, state: "delivered" });
  return order;
}
const ask = ({ id }: Order, quantity: number, more: object = {}) =>
  customer.call("order.createReturn", { id, items: [{ productId: goods, quantity, cause: "unwanted" }], ...more });
const bring = ({ id }: Return, state: "approved" | "rejected" | "received", more: object = {}) =>
  staff.call("order.updateReturn", { id, state, ...more });
const get = ({ id }: Order) => customer.call("order.get", { id });
const stateOf = async ({ id }: Return) => (await customer.call("order.getReturn", { id })).state;
const events = async ({ id }: Order) =>
  (await customer.call("order.watch", { id })).items
    .map(({ event }) => event)
    .filter((event) => /return|refund/.test(event));
const stock = async () => (await customer.call("product.getStock", { id: goods })).onHand;
const refused = (type: string, data?: object) => ({ code: 409, type: `ORDER_${type}`, ...(data && { data }) });

describe("a return", () => {
  it("is asked for, approved, received, and refunded once; its goods are in stock again", async () => {
    const order = await delivered();
    const asked = await ask(order, 1, { note: "Too small" });
    expect(asked).toMatchObject({ state: "requested", note: "Too small", items: [{ quantity: 1, cause: "unwanted" }] });
    expect(await bring(asked, "approved", { answer: "Send it" })).toMatchObject({
      state: "approved",
      answer: "Send it",
    });
    const received = await bring(asked, "received");
    expect(received).toMatchObject({ state: "received", amount: won(1000), items: [{ outcome: "restock" }] });
    expect(await get(order)).toMatchObject({ status: "delivered", items: [{ delivered: 3, returned: 1 }] });
    await eventually(async () => (await stateOf(asked)) === "refunded");
    expect(await chargesOf(allServices, order.id)).toMatchObject([{ captured: won(3000), refunded: won(1000) }]);
    expect(await stock()).toBe(8);
    expect(await events(order)).toEqual([
      "order.return_requested",
      "order.return_approved",
      "order.returned",
      "order.refunded",
    ]);
    const rest = await ask(order, 2);
    await bring(rest, "approved");
    await bring(rest, "received");
    expect(await get(order)).toMatchObject({ status: "returned", items: [{ returned: 3 }] });
    await eventually(async () => (await stateOf(rest)) === "refunded");
    expect(await chargesOf(allServices, order.id)).toMatchObject([{ captured: won(3000), refunded: won(3000) }]);
    const { items } = await customer.call("order.listReturns", { order: order.id });
    expect(items.map(({ id, amount, items: lines }) => [id, amount, lines[0]!.quantity])).toEqual([
      [rest.id, won(2000), 2],
      [asked.id, won(1000), 1],
    ]);
  });

  it("books out what is not sold again", async () => {
    const order = await delivered();
    const asked = await ask(order, 2);
    await bring(asked, "approved");
    expect(await bring(asked, "received", { scrap: [goods] })).toMatchObject({ items: [{ outcome: "scrap" }] });
    await eventually(async () => (await stateOf(asked)) === "refunded");
    expect(await stock()).toBe(7);
    const { items } = await staff.call("product.listMovements", { id: goods, limit: 2 });
    expect(items.map(({ kind, onHand, reason }) => [kind, onHand, reason])).toEqual([
      ["adjustment", -2, "items_returned"],
      ["return", 2, "items_returned"],
    ]);
  });

  it("is for units that have arrived, once each, and within the days that the shop gives", async () => {
    const order = await delivered();
    const asked = await ask(order, 2);
    const two = refused("NOT_RETURNABLE", { productId: goods, returnable: 1, days: 14 });
    await expect(ask(order, 2)).rejects.toMatchObject(two);
    await bring(asked, "rejected", { answer: "It was worn" });
    expect(await ask(order, 2)).toMatchObject({ state: "requested" });
    const age = (endedAt: number) =>
      allServices.db<OrderTables>("order").write(({ query }) =>
        query
          .updateTable("shipments")
          .set({ ended_at: new Date(endedAt).toISOString() })
          .where("order_id", "=", order.id)
          .execute(),
      );
    await age(Date.now() - 14 * DAY - 60_000);
    await expect(ask(order, 1)).rejects.toMatchObject(refused("NOT_RETURNABLE", { returnable: 0 }));
    await age(Date.now() - 14 * DAY + 60_000);
    expect(await ask(order, 1)).toMatchObject({ state: "requested" });
  });

  it("never claims more than has arrived, however many ask at once", async () => {
    const order = await delivered();
    const ends = await Promise.allSettled(Array.from({ length: 8 }, () => ask(order, 1)));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  });

  it("goes its way in one direction, and only as it was seen", async () => {
    const order = await delivered();
    const asked = await ask(order, 1);
    await expect(bring(asked, "received")).rejects.toMatchObject(refused("RETURN_ENDED", { state: "requested" }));
    await expect(bring(asked, "approved", { version: 7 })).rejects.toMatchObject({ code: 412, type: "STALE_VERSION" });
    expect(await bring(asked, "approved", { version: 1 })).toMatchObject({ version: 2 });
    const twice = await Promise.all([bring(asked, "received"), bring(asked, "received")]);
    expect(twice.map(({ amount }) => amount)).toEqual([won(1000), won(1000)]);
    await eventually(async () => (await stateOf(asked)) === "refunded");
    await expect(bring(asked, "rejected")).rejects.toMatchObject(refused("RETURN_ENDED", { state: "refunded" }));
    expect(await chargesOf(allServices, order.id)).toMatchObject([{ refunded: won(1000) }]);
  });

  it("is its customer's, and nobody else's", async () => {
    const order = await delivered();
    const { id } = await ask(order, 1);
    const stranger = await allServices.person();
    const unknown = { code: 404, type: "NOT_FOUND" };
    await expect(stranger.call("order.getReturn", { id })).rejects.toMatchObject(unknown);
    const theirs = { id: order.id, items: [{ productId: goods, quantity: 1, cause: "other" as const }] };
    await expect(stranger.call("order.createReturn", theirs)).rejects.toMatchObject(unknown);
    expect((await stranger.call("order.listReturns", { order: order.id })).items).toEqual([]);
    await expect(customer.call("order.updateReturn", { id, state: "approved" })).rejects.toMatchObject({
      type: "FORBIDDEN",
    });
    await expect(bring({ id: newId() } as Return, "approved")).rejects.toMatchObject(unknown);
    expect((await staff.call("order.listAllReturns", { state: "requested", limit: 1 })).items).toMatchObject([{ id }]);
  });
});
