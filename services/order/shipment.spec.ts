/**
 * Shipments: parcels of an order, from the packing to the door, told by staff or by the carrier.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Output } from "#core/contract.ts";
import { withKey } from "#core/context.ts";
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { sign } from "./carrier.model.ts";
import type { OrderTables } from "./order.repository.ts";

const SECRET = "whsec_c2VjcmV0LW9mLXRoZS1jYXJyaWVy";

let allServices: AllServices;
let customer: Person;
let staff: Person;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_CARRIER_SECRET: SECRET });
  staff = await allServices.person("staff");
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
});

type Order = Output<"order.get">;
type Shipment = Output<"order.getShipment">;

const place = async (...quantities: number[]): Promise<Order> => {
  const items = await Promise.all(
    quantities.map(async (quantity) => ({ productId: await allServices.product(won(1000), 50), quantity })),
  );
  return customer.call("order.create", { items, paymentMethod: "tok_success", shippingAddress: address });
};
const get = ({ id }: Order) => customer.call("order.get", { id });
const pack = ({ id }: Order, items?: { productId: string; quantity: number }[], more: object = {}) =>
  staff.call("order.createShipment", { id, ...(items && { items }), ...more });
const advance = ({ id }: Shipment, state: "shipped" | "delivered" | "lost", version?: number) =>
  staff.call("order.updateShipment", { id, state, ...(version !== undefined && { version }) });
const events = async ({ id }: Order) =>
  (await customer.call("order.watch", { id })).items.map(({ event }) => event).slice(2);
const lineOf = ({ items }: Order, index = 0) => ({ productId: items[index]!.productId, quantity: 1 });
const number = () => `T${newId().slice(-12)}`;
const refused = (type: string, data?: object) => ({ code: 409, type: `ORDER_${type}`, ...(data && { data }) });

describe("shipments", () => {
  it("lead an order in parts from confirmed to delivered, and tell its customer", async () => {
    const order = await place(2, 1);
    const tracking = { carrier: "cj-logistics", trackingNumber: number() };
    const first = await pack(order, [lineOf(order)], tracking);
    const trackingNumber = tracking.trackingNumber.toUpperCase();
    expect(first).toMatchObject({ state: "packed", ...tracking, trackingNumber, shippedAt: null, version: 1 });
    expect(await get(order)).toMatchObject({ status: "confirmed", version: order.version + 1, shipments: [first] });
    const sent = await advance(first, "shipped");
    expect(sent).toMatchObject({ state: "shipped", shippedAt: expect.any(String), endedAt: null, version: 2 });
    const partly = await get(order);
    expect(partly).toMatchObject({ status: "partially_shipped", items: [{ shipped: 1 }, {}] });
    expect(partly.items[1]).not.toHaveProperty("shipped");
    const second = await pack(order);
    expect(new Map(second.items.map((item) => [item.productId, item]))).toEqual(
      new Map([lineOf(order, 0), lineOf(order, 1)].map((item) => [item.productId, item])),
    );
    await advance(second, "shipped");
    expect(await get(order)).toMatchObject({ status: "shipped" });
    await advance(first, "delivered");
    expect(await get(order)).toMatchObject({
      status: "shipped",
      items: [{ shipped: 2, delivered: 1 }, { shipped: 1 }],
    });
    await advance(second, "delivered");
    const delivered = await get(order);
    expect(delivered).toMatchObject({ status: "delivered", items: [{ delivered: 2 }, { delivered: 1 }] });
    expect((await customer.call("order.list", {})).items).toEqual([delivered]);
    expect(await events(order)).toEqual(["order.shipped", "order.shipped", "order.delivered", "order.delivered"]);
    const { items } = await customer.call("order.getTimeline", { id: order.id });
    expect(items.filter(({ step }) => step === "shipment").map(({ state }) => state)).toEqual([
      "packed",
      "shipped",
      "packed",
      "shipped",
      "delivered",
      "delivered",
    ]);
  });

  it("never hold more units than were ordered, however many pack at once", async () => {
    const order = await place(3);
    const ends = await Promise.allSettled(Array.from({ length: 8 }, () => pack(order, [lineOf(order)])));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    const { productId } = lineOf(order);
    for (const end of ends)
      if (end.status === "rejected")
        expect(end.reason).toMatchObject(refused("UNITS_UNAVAILABLE", { productId, available: 0 }));
    await expect(pack(order)).rejects.toMatchObject(refused("UNITS_UNAVAILABLE"));
  });

  it("are kept from more by the database itself", async () => {
    const order = await place(2);
    const db = allServices.db<OrderTables>("order");
    for (const counts of [
      { packed: 3 },
      { cancelled: 3 },
      { packed: 1, cancelled: 2 },
      { shipped: 1 },
      { packed: 1, shipped: 1, delivered: 2 },
      { packed: 1, shipped: 1, delivered: 1, lost: 1 },
      { packed: 1, shipped: 1, claimed: 1 },
      { packed: 1, shipped: 1, delivered: 1, returned: 1 },
      { packed: -1 },
    ])
      await expect(
        db.write(({ query }) =>
          query.updateTable("order_items").set(counts).where("order_id", "=", order.id).execute(),
        ),
      ).rejects.toThrow();
  });

  it("are packed once for one key, and changed only as they were seen", async () => {
    const order = await place(2);
    const ask = () => staff.ask("order.createShipment", { id: order.id, items: [lineOf(order)] }, "one");
    const [first, again] = [await ask(), await ask()];
    expect(again).toEqual({ answer: first.answer, replayed: true });
    await expect(advance(first.answer, "shipped", 7)).rejects.toMatchObject({ code: 412, type: "STALE_VERSION" });
    const { version } = await advance(first.answer, "shipped", 1);
    expect(await advance(first.answer, "shipped", version)).toMatchObject({ state: "shipped", version: version + 1 });
    await expect(advance(first.answer, "delivered", 1)).rejects.toMatchObject({ type: "STALE_VERSION" });
    await advance(first.answer, "delivered");
    await expect(advance(first.answer, "shipped")).rejects.toMatchObject(
      refused("SHIPMENT_ENDED", { state: "delivered" }),
    );
  });

  it("are unpacked until they are sent", async () => {
    const order = await place(1);
    const parcel = await pack(order);
    await staff.call("order.removeShipment", { id: parcel.id });
    expect((await get(order)).shipments).toBeUndefined();
    const other = await pack(order);
    await advance(other, "shipped");
    const removing = staff.call("order.removeShipment", { id: other.id });
    await expect(removing).rejects.toMatchObject(refused("SHIPMENT_ENDED", { state: "shipped" }));
  });

  it("are lost: what was in them is refunded, and does not come back into stock", async () => {
    const order = await place(2, 1);
    const parcel = await pack(order, [{ ...lineOf(order), quantity: 2 }]);
    await advance(parcel, "lost");
    await eventually(async () => (await events(order)).includes("order.refunded"));
    const line = { shipped: 2, lost: 2 };
    expect(await get(order)).toMatchObject({ status: "partially_shipped", items: [line, {}] });
    expect(await chargesOf(allServices, order.id)).toMatchObject([{ captured: won(3000), refunded: won(2000) }]);
    expect(await customer.call("product.getStock", { id: lineOf(order).productId })).toMatchObject({ onHand: 48 });
    const { items } = await staff.call("product.listMovements", { id: lineOf(order).productId, limit: 2 });
    expect(items.map(({ kind, onHand, reason }) => [kind, onHand, reason])).toEqual([
      ["adjustment", -2, "shipment_lost"],
      ["return", 2, "shipment_lost"],
    ]);
    expect(await events(order)).toEqual(["order.shipped", "order.delivery_failed", "order.refunded"]);
  });

  it("are not of an order that is not paid, is cancelled, or is being cancelled", async () => {
    const waiting = await customer.call("order.create", {
      items: [{ productId: await allServices.product(), quantity: 1 }],
      paymentMethod: "tok_3ds",
      shippingAddress: address,
    });
    await expect(pack(waiting)).rejects.toMatchObject(refused("NOT_SHIPPABLE", { status: "pending" }));
    const order = await place(1);
    const parcel = await pack(order);
    await allServices.remove("payment");
    const cancelling = customer.call("order.cancel", { id: order.id });
    await eventually(async () => {
      const rows = await allServices
        .db<OrderTables>("order")
        .query.selectFrom("orders")
        .selectAll()
        .where("id", "=", order.id)
        .execute();
      return rows[0]!.closing === 1;
    });
    await expect(advance(parcel, "shipped")).rejects.toMatchObject(refused("NOT_SHIPPABLE", { status: "confirmed" }));
    await allServices.restore("payment");
    expect(await cancelling).toMatchObject({ status: "cancelled" });
    await expect(advance(parcel, "shipped")).rejects.toMatchObject(refused("NOT_SHIPPABLE", { status: "cancelled" }));
  });

  it("are not cancelled with the order once one is sent", async () => {
    const order = await place(2);
    await advance(await pack(order, [lineOf(order)]), "shipped");
    const cancelling = customer.call("order.cancel", { id: order.id });
    await expect(cancelling).rejects.toMatchObject(refused("NOT_CANCELLABLE", { status: "partially_shipped" }));
  });

  it("are their customer's to see, and nobody else's", async () => {
    const { id } = await pack(await place(1));
    const stranger = await allServices.person();
    expect(await customer.call("order.getShipment", { id })).toMatchObject({ id });
    await expect(stranger.call("order.getShipment", { id })).rejects.toMatchObject({ code: 404, type: "NOT_FOUND" });
    await expect(customer.call("order.updateShipment", { id })).rejects.toMatchObject({ type: "FORBIDDEN" });
    const nothing = staff.call("order.createShipment", { id: newId() });
    await expect(nothing).rejects.toMatchObject({ code: 404, type: "NOT_FOUND" });
  });
});

describe("order.receiveTracking", () => {
  const send = (news: object | string, { secret = SECRET, carrier = "ems", at = Date.now() } = {}) => {
    const body = typeof news === "string" ? news : JSON.stringify(news);
    const headers = sign(secret, newId(), body, at);
    return allServices.broker.call("order.receiveTracking", { carrier, headers, body }, withKey(newId(), { meta: {} }));
  };
  const news = (state: string, trackingNumber: string) => ({ type: `shipment.${state}`, data: { trackingNumber } });
  const received = { received: true };

  it("moves a parcel as its carrier says, once, and never back", async () => {
    const order = await place(1);
    const trackingNumber = number();
    await pack(order, undefined, { carrier: "ems", trackingNumber });
    expect(await send(news("shipped", trackingNumber))).toEqual(received);
    expect(await get(order)).toMatchObject({ status: "shipped" });
    const twice = [send(news("delivered", trackingNumber)), send(news("delivered", trackingNumber.toLowerCase()))];
    expect(await Promise.all(twice)).toEqual([received, received]);
    for (const late of ["shipped", "lost"]) expect(await send(news(late, trackingNumber))).toEqual(received);
    expect(await get(order)).toMatchObject({ status: "delivered", shipments: [{ state: "delivered" }] });
    expect(await events(order)).toEqual(["order.shipped", "order.delivered"]);
  });

  it("acknowledges what it does not know", async () => {
    const order = await place(1);
    const trackingNumber = number();
    const parcel = await pack(order, undefined, { carrier: "ems", trackingNumber });
    expect(await send(news("delivered", "ZZZZ"))).toEqual(received);
    expect(await send(news("delivered", trackingNumber), { carrier: "dhl" })).toEqual(received);
    expect(await send(news("weighed", trackingNumber))).toEqual(received);
    expect(await staff.call("order.getShipment", { id: parcel.id })).toEqual(parcel);
  });

  it("believes the carrier only", async () => {
    const invalid = { code: 401, type: "ORDER_SIGNATURE_INVALID" };
    await expect(send("{}", { secret: "whsec_YW5vdGhlcg==" })).rejects.toMatchObject(invalid);
    for (const late of [-301_000, 301_000])
      await expect(send("{}", { at: Date.now() + late })).rejects.toMatchObject(invalid);
    await expect(send("{")).rejects.toMatchObject({ code: 400, type: "MALFORMED_JSON" });
    for (const body of ["null", "[]", "{}", '{"type":7}', '{"type":"shipment.lost","data":{"trackingNumber":7}}'])
      await expect(send(body)).rejects.toMatchObject({ code: 422, type: "VALIDATION_FAILED" });
  });

  it("knows a number for one parcel at a time", async () => {
    const [one, other] = [await place(1), await place(1)];
    const tracking = { carrier: "ems", trackingNumber: number() };
    const first = await pack(one, undefined, tracking);
    await expect(pack(other, undefined, tracking)).rejects.toMatchObject(refused("TRACKING_TAKEN"));
    await advance(first, "delivered");
    const second = await pack(other, undefined, tracking);
    await send(news("delivered", tracking.trackingNumber));
    expect(await get(other)).toMatchObject({ status: "delivered", shipments: [{ id: second.id }] });
  });
});
