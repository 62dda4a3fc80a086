/**
 * ORDER_CAPTURE=shipment with films: their share is captured with the order, and that of the goods as they are sent.
 * @databases sqlite postgres
 */
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { providerOf } from "../../test/support/faults/payment-provider.ts";
import { captureOnce } from "../../test/support/faults/payment-provider.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";

let all: AllServices;
let customer: Person;
let staff: Person;
let tea: string;
beforeAll(async () => {
  all = await AllServices.open({ ORDER_CAPTURE: "shipment" });
  [customer, staff] = [await all.person(), await all.person("staff")];
  tea = await all.product(won(1000), 50);
});
afterAll(() => all.close());
afterEach(() => jest.restoreAllMocks());

async function place(quantity: number) {
  const videoId = await all.film({ buy: won(9900) });
  const order = await customer.call("order.create", {
    ...(quantity > 0 && { items: [{ productId: tea, quantity }] }),
    titles: [{ videoId, kind: "buy" }],
    paymentMethod: "tok_success",
    shippingAddress: address,
  });
  return { ...order, videoId };
}
const money = async ({ id }: { readonly id: string }) => {
  const [charge] = await chargesOf(all, id);
  return [charge!.status, charge!.captured.amount, charge!.refunded.amount];
};
const send = async (id: string, quantity: number) => {
  const parcel = await staff.call("order.createShipment", { id, items: [{ productId: tea, quantity }] });
  await staff.call("order.updateShipment", { id: parcel.id, state: "shipped" });
};

describe("an order that is captured as it is sent, with a film", () => {
  it("captures the film with the order, each parcel what is in it, and refunds the film alone", async () => {
    const { id, videoId } = await place(2);
    expect(await money({ id })).toEqual(["authorized", 9900, 0]);
    await eventually(async () => (await customer.call("order.listInvoices", { id })).items.length === 1);
    const { items } = await customer.call("order.listInvoices", { id });
    expect(items[0]!.lines).toMatchObject([{ text: { en: "Rain" }, amount: 9900 }]);
    await staff.call("order.cancelItems", { id, items: [{ productId: videoId, quantity: 1 }] });
    await eventually(async () => (await money({ id }))[2] === 9900);
    await send(id, 1);
    expect(await money({ id })).toEqual(["authorized", 10_900, 9900]);
    await send(id, 1);
    expect(await money({ id })).toEqual(["captured", 11_900, 9900]);
  });

  it("releases the rest when its goods are cancelled, and gives all back when it is undone", async () => {
    const { id } = await place(1);
    await customer.call("order.cancelItems", { id, items: [{ productId: tea, quantity: 1 }] });
    await eventually(async () => (await money({ id }))[0] === "captured");
    expect(await money({ id })).toEqual(["captured", 9900, 0]);
    const other = await place(1);
    expect(await staff.call("order.cancel", { id: other.id })).toMatchObject({ status: "cancelled" });
    await eventually(async () => (await money(other))[2] === 9900);
    const { items } = await customer.call("account.listPurchases", {});
    expect(items[0]).toMatchObject({ orderId: other.id, status: "returned" });
  });

  it("captures all of an order of films alone", async () => {
    expect(await money(await place(0))).toEqual(["captured", 9900, 0]);
  });

  it("gives back the film and the goods in one cancellation, each by its own part", async () => {
    const { id, videoId } = await place(2);
    const items = [
      { productId: videoId, quantity: 1 },
      { productId: tea, quantity: 1 },
    ];
    await staff.call("order.cancelItems", { id, items });
    await eventually(async () => (await money({ id }))[2] === 9900);
    await send(id, 1);
    expect(await money({ id })).toEqual(["captured", 10_900, 9900]);
  });

  it("is captured as a whole with its film where its payment can be captured only once, also when the answer is lost", async () => {
    const provider = providerOf(all);
    const { capture, authorize } = provider;
    jest.spyOn(provider, "authorize").mockImplementation(async (request) => authorize(request));
    let lost = false;
    jest.spyOn(provider, "capture").mockImplementation(async (request) => {
      const answer = await capture(request);
      if (lost) return answer;
      lost = true;
      throw new Error("The connection was reset.");
    });
    const { broker } = all;
    const call = broker.call.bind(broker);
    jest.spyOn(broker, "call").mockImplementation((async (
      name: string,
      params: { orderId: string },
      options: object,
    ) => {
      if (name === "payment.capture") await captureOnce(all, params.orderId);
      return call(name, params, options);
    }) as never);
    const { id } = await place(2);
    expect(await money({ id })).toEqual(["captured", 11_900, 0]);
    await send(id, 2);
    expect(await money({ id })).toEqual(["captured", 11_900, 0]);
  });
});
