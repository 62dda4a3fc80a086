/**
 * Orders whose customer is at the bank for longer than their stock is kept.
 * @databases sqlite postgres
 */
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { AllServices, type Person } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";

/** Milliseconds: less than the saga pauses, since it keeps the stock for its customer each time it asks how the payment stands. */
const TTL = 300;

let allServices: AllServices;
let clock: Clock;
let customer: Person;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open({ PRODUCT_RESERVATION_TTL: `${TTL}`, PRODUCT_SWEEP_INTERVAL: "50" });
});
afterAll(() => allServices.close());
afterEach(() => jest.restoreAllMocks());
beforeEach(async () => {
  clock = new Clock();
  customer = await allServices.person();
  tea = await allServices.product(undefined, 1);
});

const place = async (buyer: Person, paymentMethod: string) =>
  (
    await buyer.ask("order.create", {
      items: [{ productId: tea, quantity: 1 }],
      paymentMethod,
      shippingAddress: address,
    })
  ).answer;
const stock = () => customer.call("product.getStock", { id: tea });

describe("an order that waits", () => {
  it("gives its stock back meanwhile, and takes it again when it goes on", async () => {
    const { id } = await place(customer, "tok_3ds");
    await eventually(async () => (await stock()).held === 0);
    const { paymentId } = await customer.call("order.get", { id });
    await customer.call("payment.confirm", { id: paymentId! });
    await eventually(async () => (await customer.call("order.get", { id })).status === "confirmed");
    expect(await stock()).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });

  it("is undone with its payment when somebody else has bought the stock", async () => {
    const { id } = await place(customer, "tok_3ds");
    // The saga that waits is not due any more, however long the other purchase takes.
    await eventually(async () => {
      const isFree = (await stock()).held === 0;
      if (isFree) clock.stop();
      return isFree;
    });
    expect(await place(await allServices.person(), "tok_success")).toMatchObject({ status: "confirmed" });
    jest.restoreAllMocks();
    const { paymentId } = await customer.call("order.get", { id });
    await customer.call("payment.confirm", { id: paymentId! }).catch(() => undefined);
    await eventually(async () => (await customer.call("order.get", { id })).status === "cancelled");
    expect(await customer.call("order.get", { id })).toMatchObject({ reason: "PRODUCT_OUT_OF_STOCK" });
    await eventually(async () => (await customer.call("payment.get", { id: paymentId! })).status === "cancelled");
    expect(await chargesOf(allServices, id)).toMatchObject([{ captured: { amount: 0 }, authorized: { amount: 0 } }]);
    expect(await stock()).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });
});
