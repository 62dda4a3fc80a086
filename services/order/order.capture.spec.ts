/**
 * ORDER_CAPTURE=at_once: an order is authorized and captured in one call of the provider, and never keeps money without goods.
 * @databases sqlite postgres
 */
import { isError } from "#core/errors.ts";
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { providerOf } from "../../test/support/faults/payment-provider.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";

let allServices: AllServices;
let customer: Person;
let productId: string;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_CAPTURE: "at_once" });
  customer = await allServices.person();
});
afterAll(() => allServices.close());
beforeEach(async () => {
  productId = await allServices.product(won(1000), 5);
});
afterEach(() => jest.restoreAllMocks());

const provider = () => providerOf(allServices);
const place = (paymentMethod = "tok_success") =>
  customer.call("order.create", { items: [{ productId, quantity: 2 }], paymentMethod, shippingAddress: address });
const money = async (id: string) => {
  const [charge] = await chargesOf(allServices, id);
  return [charge!.status, charge!.captured.amount, charge!.refunded.amount];
};
const stock = async () => {
  const { onHand, sellable } = await customer.call("product.getStock", { id: productId });
  return [onHand, sellable];
};

it("asks the provider once", async () => {
  const [authorize, capture] = [jest.spyOn(provider(), "authorize"), jest.spyOn(provider(), "capture")];
  const order = await place();
  expect(order).toMatchObject({ status: "confirmed", total: won(2000) });
  expect(await money(order.id)).toEqual(["captured", 2000, 0]);
  expect(authorize.mock.calls).toEqual([[expect.objectContaining({ capture: true })]]);
  expect(capture).not.toHaveBeenCalled();
  const { items } = await customer.call("order.getTimeline", { id: order.id });
  expect(items.map(({ step }) => step)).not.toContain("capturePayment");
});

it("asks again with the same key when the answer is lost, and pays once", async () => {
  const { authorize } = provider();
  jest.spyOn(provider(), "authorize").mockImplementationOnce(async (request) => {
    await authorize(request);
    throw new Error("The connection was reset.");
  });
  const order = await place();
  expect(order.status).toBe("confirmed");
  expect(await chargesOf(allServices, order.id)).toHaveLength(1);
  expect(await money(order.id)).toEqual(["captured", 2000, 0]);
});

it("keeps nothing of a payment that is declined, and of an order that is cancelled", async () => {
  await expect(place("tok_declined")).rejects.toMatchObject({ type: "ORDER_PAYMENT_DECLINED" });
  expect(await stock()).toEqual([5, 5]);
  const { id } = await place();
  await customer.call("order.cancel", { id });
  expect(await money(id)).toEqual(["captured", 2000, 2000]);
  expect(await stock()).toEqual([5, 5]);
});

it("gives the money back when the goods cannot be committed any more", async () => {
  const { authorize } = provider();
  jest.spyOn(provider(), "authorize").mockImplementationOnce(async (request) => {
    const charge = await authorize(request);
    await allServices.asService().call("product.release", { orderId: request.reference });
    return charge;
  });
  const ended = await place().catch((error: unknown) => error);
  expect(
    isError(ended, "ORDER_EXPIRED") || isError(ended, "ORDER_FAILED") || isError(ended, "ORDER_OUT_OF_STOCK"),
  ).toBe(true);
  const { items } = await customer.call("order.list", { limit: 1 });
  await eventually(async () => (await money(items[0]!.id))[2] === 2000);
  expect(items[0]).toMatchObject({ status: "cancelled" });
  expect(await stock()).toEqual([5, 5]);
});

it("captures when its customer comes back from 3-D Secure", async () => {
  const placing = place("tok_3ds");
  const payment = await eventually(async () =>
    (await customer.call("payment.list", {})).items.find(({ status }) => status === "requires_action"),
  );
  await customer.call("payment.confirm", { id: payment.id });
  const { id } = await placing;
  await eventually(async () => (await customer.call("order.get", { id })).status === "confirmed");
  expect(await money(id)).toEqual(["captured", 2000, 0]);
});
