/**
 * ORDER_CAPTURE=shipment: an order's money is authorized when it is placed, and captured as its goods are sent.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { withKey } from "#core/context.ts";
import type { Output } from "#core/contract.ts";
import type { Database } from "#mixins/database/database.ts";
import type { JobTables } from "#mixins/jobs/jobs.mixin.ts";
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { captureOnce, providerOf, refusal } from "../../test/support/faults/payment-provider.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { sign } from "./carrier.model.ts";
import type { OrderTables } from "./order.repository.ts";

const SECRET = "whsec_c2VjcmV0LW9mLXRoZS1jYXJyaWVy";

let allServices: AllServices;
let customer: Person;
let staff: Person;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_CAPTURE: "shipment", ORDER_CARRIER_SECRET: SECRET });
  [customer, staff] = [await allServices.person(), await allServices.person("staff")];
});
afterAll(() => allServices.close());
afterEach(() => jest.restoreAllMocks());

type Order = Output<"order.get">;
type Shipment = Output<"order.getShipment">;

/** One line for each quantity, of 1000 for each unit. */
const place = async (quantities: readonly number[], paymentMethod = "tok_success"): Promise<Order> => {
  const items = await Promise.all(
    quantities.map(async (quantity) => ({ productId: await allServices.product(won(1000), 50), quantity })),
  );
  return customer.call("order.create", { items, paymentMethod, shippingAddress: address });
};
const get = ({ id }: Order) => customer.call("order.get", { id });
const line = ({ items }: Order, index = 0, quantity = 1) => [{ productId: items[index]!.productId, quantity }];
const pack = ({ id }: Order, items?: { productId: string; quantity: number }[], more: object = {}) =>
  staff.call("order.createShipment", { id, ...(items && { items }), ...more });
const advance = ({ id }: Shipment, state: "shipped" | "delivered" | "lost" = "shipped") =>
  staff.call("order.updateShipment", { id, state });
const cancel = ({ id }: Order, items: { productId: string; quantity: number }[]) =>
  customer.call("order.cancelItems", { id, items });
const state = async ({ id }: Shipment) => (await staff.call("order.getShipment", { id })).state;
const money = async ({ id }: Order) => {
  const [charge] = await chargesOf(allServices, id);
  return [charge!.status, charge!.captured.amount, charge!.refunded.amount];
};
const provider = () => providerOf(allServices);
const captures = async ({ id }: Order) =>
  await allServices
    .db<OrderTables>("order")
    .query.selectFrom("order_captures")
    .selectAll()
    .where("order_id", "=", id)
    .orderBy("id")
    .execute();
/** Jobs that wait are due now, as they are some seconds after a node has died. */
async function runJobs(): Promise<void> {
  const db = allServices.db("order") as unknown as Database<JobTables>;
  await db.write(({ query }) =>
    query
      .updateTable("jobs")
      .set({ next_at: 0 })
      .where("kind", "=", "takePayment")
      .where("next_at", "is not", null)
      .execute(),
  );
  allServices.broker.localBus.emit("$node.disconnected", { node: { id: "another" } });
}
const pending = { code: 503, type: "ORDER_CAPTURE_PENDING" };

describe("an order that is captured as it is sent", () => {
  it("is authorized when it is placed, and each parcel captures what is in it", async () => {
    const order = await place([2, 1]);
    expect(order).toMatchObject({ status: "confirmed", total: won(3000) });
    expect(await money(order)).toEqual(["authorized", 0, 0]);
    const first = await pack(order, line(order));
    expect(await money(order)).toEqual(["authorized", 0, 0]);
    expect(await advance(first)).toMatchObject({ state: "shipped", version: 3 });
    expect(await money(order)).toEqual(["authorized", 1000, 0]);
    await advance(await pack(order), "delivered");
    expect(await money(order)).toEqual(["captured", 3000, 0]);
    expect(await get(order)).toMatchObject({ status: "shipped", items: [{ shipped: 2 }, { shipped: 1 }] });
    await advance(first, "delivered");
    expect((await captures(order)).map(({ amount, is_final, state: end }) => [amount, is_final, end])).toEqual([
      [1000, 0, "done"],
      [2000, 1, "done"],
    ]);
    const { items } = await customer.call("order.getTimeline", { id: order.id });
    expect(items.filter(({ step }) => step === "capture").map(({ state: end }) => end)).toEqual(["done", "done"]);
  });

  it("captures less for what is cancelled before, refunds nothing for it, and releases the rest", async () => {
    const order = await place([3]);
    await advance(await pack(order, line(order)));
    await cancel(order, line(order));
    expect(await money(order)).toEqual(["authorized", 1000, 0]);
    const second = await pack(order);
    await advance(second);
    expect(await money(order)).toEqual(["captured", 2000, 0]);
    await advance(second, "lost");
    await eventually(async () => (await money(order))[2] === 1000);
    expect(await get(order)).toMatchObject({ status: "shipped", items: [{ cancelled: 1, shipped: 2, lost: 1 }] });
  });

  it("releases the rest when the last units are cancelled", async () => {
    const order = await place([2]);
    await advance(await pack(order, line(order)));
    await cancel(order, line(order));
    await eventually(async () => (await money(order))[0] === "captured");
    expect(await money(order)).toEqual(["captured", 1000, 0]);
  });

  it("is voided when it is cancelled before anything was sent, and reserves its goods no more", async () => {
    const order = await place([1]);
    expect(await customer.call("order.cancel", { id: order.id })).toMatchObject({ status: "cancelled" });
    expect(await money(order)).toEqual(["voided", 0, 0]);
  });

  it("is captured as a whole with its first parcel where its payment can be captured only once", async () => {
    const order = await place([2, 1]);
    await captureOnce(allServices, order.id);
    await advance(await pack(order, line(order)));
    expect(await money(order)).toEqual(["captured", 3000, 0]);
    await cancel(order, line(order));
    await eventually(async () => (await money(order))[2] === 1000);
    await advance(await pack(order));
    expect(await money(order)).toEqual(["captured", 3000, 1000]);
    expect(await captures(order)).toHaveLength(1);
  });

  it("keeps a parcel whose capture is refused, says why, and sends it when that is tried again", async () => {
    const order = await place([2]);
    const parcel = await pack(order, line(order));
    jest.spyOn(provider(), "capture").mockRejectedValueOnce(await refusal());
    await expect(advance(parcel)).rejects.toMatchObject({
      code: 409,
      type: "ORDER_CAPTURE_REFUSED",
      data: { reason: "PAYMENT_CAPTURE_REFUSED" },
    });
    expect(await state(parcel)).toBe("packed");
    const { items } = await customer.call("order.getTimeline", { id: order.id });
    expect(items.find(({ step }) => step === "capture")).toMatchObject({ state: "refused" });
    const refused = async (more: object) =>
      (await staff.call("order.listRefusedCaptures", { limit: 100, ...more })).items.filter(
        ({ orderId }) => orderId === order.id,
      );
    const open = { shipmentId: parcel.id, amount: won(1000), reason: "PAYMENT_CAPTURE_REFUSED", isOpen: true };
    expect(await refused({ state: "open", reason: open.reason })).toMatchObject([open]);
    expect(await refused({ state: "ended" })).toEqual([]);
    await advance(parcel);
    expect(await refused({ state: "open" })).toEqual([]);
    expect(await refused({})).toMatchObject([{ ...open, isOpen: false }]);
    expect(await refused({ reason: "PAYMENT_CANCELLED" })).toEqual([]);
    await advance(await pack(order));
    expect(await money(order)).toEqual(["captured", 2000, 0]);
  });

  it.each(["before", "after"])("sends a parcel once when the provider's answer is lost %s its effect", async (when) => {
    const order = await place([2]);
    const parcel = await pack(order, line(order));
    const { capture } = provider();
    jest.spyOn(provider(), "capture").mockImplementationOnce(async (request) => {
      if (when === "after") await capture(request);
      throw new Error("The connection was reset.");
    });
    await advance(parcel).catch((error: unknown) => expect(error).toMatchObject(pending));
    await runJobs();
    await eventually(async () => (await state(parcel)) === "shipped");
    expect(await money(order)).toEqual(["authorized", 1000, 0]);
    expect(await captures(order)).toHaveLength(1);
  });

  it("is sent by another node when the one of the request dies after the capture", async () => {
    const order = await place([1, 1]);
    const parcel = await pack(order, line(order));
    const db = allServices.db("order");
    const write = db.write.bind(db);
    const { capture } = provider();
    jest.spyOn(provider(), "capture").mockImplementationOnce(async (request) => {
      const answer = await capture(request);
      jest.spyOn(db, "write").mockImplementation(async () => {
        throw new Error("The node dies.");
      });
      return answer;
    });
    await expect(advance(parcel)).rejects.toMatchObject(pending);
    jest.spyOn(db, "write").mockImplementation(write);
    expect(await state(parcel)).toBe("packed");
    await expect(staff.call("order.removeShipment", { id: parcel.id })).rejects.toMatchObject(pending);
    await runJobs();
    await eventually(async () => (await state(parcel)) === "shipped");
    expect(await money(order)).toEqual(["authorized", 1000, 0]);
  });

  it("captures once for requests at once, and adds up for parcels at once", async () => {
    const order = await place([3]);
    const parcels = [await pack(order, line(order)), await pack(order, line(order)), await pack(order, line(order))];
    await Promise.allSettled(parcels.flatMap((parcel) => [advance(parcel), advance(parcel)]));
    await eventually(async () => {
      await runJobs();
      return (await get(order)).status === "shipped";
    });
    await eventually(async () => (await money(order))[0] === "captured");
    expect(await money(order)).toEqual(["captured", 3000, 0]);
  });

  it("captures what a carrier tells to be on its way", async () => {
    const order = await place([1]);
    const trackingNumber = `T${newId().slice(-12)}`.toUpperCase();
    await pack(order, undefined, { carrier: "ems", trackingNumber });
    const tell = (type: string) => {
      const body = JSON.stringify({ type, data: { trackingNumber } });
      const headers = sign(SECRET, newId(), body, Date.now());
      return allServices.broker.call(
        "order.receiveTracking",
        { carrier: "ems", headers, body },
        withKey(newId(), { meta: {} }),
      );
    };
    await Promise.all([tell("shipment.shipped"), tell("shipment.delivered")]);
    await eventually(async () => (await get(order)).status === "delivered");
    expect(await money(order)).toEqual(["captured", 1000, 0]);
  });

  it("is cancelled when its authorization expires before anything was sent", async () => {
    const order = await place([1], "tok_expires");
    await eventually(async () => (await get(order)).status === "cancelled");
    expect(await get(order)).toMatchObject({ reason: "PAYMENT_AUTHORIZATION_EXPIRED" });
    const { onHand } = await customer.call("product.getStock", { id: order.items[0]!.productId });
    expect(onHand).toBe(50);
  });

  it("has no payment when it costs nothing", async () => {
    const productId = await allServices.product(won(0), 5);
    const order = await customer.call("order.create", {
      items: [{ productId, quantity: 1 }],
      paymentMethod: "tok_success",
      shippingAddress: address,
    });
    await advance(await pack(order), "delivered");
    expect(await get(order)).toMatchObject({ status: "delivered" });
    expect(await captures(order)).toEqual([]);
  });
});
