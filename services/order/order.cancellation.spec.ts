/**
 * Cancelling: money and stock go back, once, whoever asks and however often.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Output } from "#core/contract.ts";
import type { Saga } from "#mixins/saga/saga.mixin.ts";
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import type { OrderTables } from "./order.repository.ts";

let allServices: AllServices;
let customer: Person;
beforeAll(async () => {
  allServices = await AllServices.open();
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
});

type Order = Output<"order.get">;

const place = async (productId: string, paymentMethod = "tok_success"): Promise<Order> =>
  customer.call("order.create", { items: [{ productId, quantity: 2 }], paymentMethod, shippingAddress: address });
const stockOf = (id: string) => customer.call("product.getStock", { id });
const paymentOf = (order: Order) => customer.call("payment.get", { id: order.paymentId! });
const becomes = (id: string, status: string) =>
  eventually(async () => (await customer.call("order.get", { id })).status === status);

/** As its shipments would set it. */
const setStatus = ({ id }: Order, status: Order["status"]) =>
  allServices
    .db<OrderTables>("order")
    .write(({ query }) => query.updateTable("orders").set({ status }).where("id", "=", id).execute());

describe("order.cancel", () => {
  it("frees the stock of a pending order, which is never charged", async () => {
    const tea = await allServices.product();
    const order = await place(tea, "tok_3ds");
    const answer = await customer.call("order.cancel", { id: order.id });
    expect(answer).toMatchObject({ id: order.id, status: "cancelled", reason: "ORDER_CANCELLED" });
    expect(await stockOf(tea)).toEqual({ onHand: 10, held: 0, sellable: 10 });
    expect(await paymentOf(order)).toMatchObject({ status: "cancelled", captured: won(0) });
    const late = customer.call("payment.confirm", { id: order.paymentId! });
    await expect(late).rejects.toMatchObject({ code: 409, type: "PAYMENT_CANCELLED" });
  });

  it("refunds a confirmed order in full and brings its stock back", async () => {
    const tea = await allServices.product();
    const order = await place(tea);
    expect(await stockOf(tea)).toEqual({ onHand: 8, held: 0, sellable: 8 });
    const cancelled = await customer.call("order.cancel", { id: order.id });
    expect(cancelled).toMatchObject({ status: "cancelled", version: order.version + 1 });
    expect(await stockOf(tea)).toEqual({ onHand: 10, held: 0, sellable: 10 });
    expect(await paymentOf(order)).toMatchObject({ captured: won(2000), refunded: won(2000) });
    await eventually(() => allServices.eventTypes(order.id).length === 3);
    expect(allServices.eventTypes(order.id)).toEqual(["order.placed", "order.confirmed", "order.cancelled"]);
  });

  it("answers the same to two at once, with one key or with two, and refunds once", async () => {
    const order = await place(await allServices.product());
    const keys = ["both", "both", "other", "another"].map((key) => `${order.id}-${key}`);
    const answers = await Promise.all(keys.map((key) => customer.call("order.cancel", { id: order.id }, key)));
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => "cancelled"));
    expect(await paymentOf(order)).toMatchObject({ refunded: won(2000) });
    await eventually(() => allServices.eventTypes(order.id).length === 3);
    const saga = await allServices.service<{ saga: Saga<unknown> }>("order").saga.find(order.id);
    expect(saga).toMatchObject({ status: "compensated", epoch: 3 });
  });

  it("refunds only what staff have not refunded yet", async () => {
    const order = await place(await allServices.product());
    const staff = await allServices.person("staff");
    await staff.call("payment.refund", { id: order.paymentId!, amount: won(500), reason: "a broken cup" });
    await customer.call("order.cancel", { id: order.id });
    const { items } = await customer.call("payment.listRefunds", { id: order.paymentId! });
    expect(items.map(({ amount }) => amount)).toEqual([won(1500), won(500)]);
  });

  it("takes effect once, however often and at once it is asked", async () => {
    const tea = await allServices.product();
    const order = await place(tea);
    const asked = Array.from({ length: 10 }, (_, n) =>
      customer.ask("order.cancel", { id: order.id }, `cancel-${n % 5}`),
    );
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ answer }) => answer.status))).toEqual(new Set(["cancelled"]));
    expect(answers.filter(({ replayed }) => replayed)).toHaveLength(5);
    expect(await customer.call("order.cancel", { id: order.id })).toMatchObject({ status: "cancelled" });
    expect(await stockOf(tea)).toEqual({ onHand: 10, held: 0, sellable: 10 });
    const { items } = await customer.call("payment.listRefunds", { id: order.paymentId! });
    expect(items.map(({ amount }) => amount)).toEqual([won(2000)]);
  });

  it("wins over a payment that is being made, or loses to it: either way the books agree", async () => {
    const tea = await allServices.product(won(1000), 100);
    const orders = await Promise.all(Array.from({ length: 10 }, () => place(tea, "tok_3ds")));
    await Promise.all(
      orders.flatMap(({ id, paymentId }) => [
        customer.call("payment.confirm", { id: paymentId! }).catch(() => undefined),
        customer.call("order.cancel", { id }),
      ]),
    );
    await Promise.all(orders.map(({ id }) => becomes(id, "cancelled")));
    await eventually(async () => (await stockOf(tea)).sellable === 100);
    for (const { id } of orders) {
      const charges = await chargesOf(allServices, id);
      expect(charges.map(({ captured, refunded }) => captured.amount - refunded.amount)).toEqual([0]);
    }
  });

  it.each(["partially_shipped", "shipped", "delivered", "returned"] as const)(
    "rejects with NOT_CANCELLABLE what is %s, and moves nothing",
    async (status) => {
      const tea = await allServices.product();
      const order = await place(tea);
      await setStatus(order, status);
      const refused = { code: 409, type: "ORDER_NOT_CANCELLABLE", data: { status } };
      await expect(customer.call("order.cancel", { id: order.id })).rejects.toMatchObject(refused);
      expect(await stockOf(tea)).toMatchObject({ onHand: 8 });
      expect(await paymentOf(order)).toMatchObject({ refunded: won(0) });
    },
  );

  it("is not a stranger's to ask, but staff may", async () => {
    const order = await place(await allServices.product());
    const stranger = await allServices.person();
    const refused = { code: 404, type: "NOT_FOUND" };
    await expect(stranger.call("order.cancel", { id: order.id })).rejects.toMatchObject(refused);
    await becomes(order.id, "confirmed");
    const staff = await allServices.person("staff");
    expect(await staff.call("order.cancel", { id: order.id })).toMatchObject({ status: "cancelled" });
    const told = await eventually(() =>
      allServices.events.find(
        ({ type, data }) => type === "order.cancelled" && (data as { orderId: string }).orderId === order.id,
      ),
    );
    expect(told.data).toMatchObject({
      reason: { code: "ORDER_CANCELLED_BY_SHOP", message: "The shop cancelled the order" },
    });
  });
});

describe("order.cancelled", () => {
  const toldOf = (orderId: string) =>
    eventually(() =>
      allServices.events.find(({ type, subject }) => type === "order.cancelled" && subject === `order:${orderId}`),
    );
  const newest = async () => (await customer.call("order.list", {})).items[0]!;

  it.each([
    ["declined", "tok_declined", "none"],
    ["given up before it is paid", "tok_3ds", "cancelled"],
    ["given up after it is paid", "tok_success", "refunded"],
  ])("tells of an order that is %s what became of its payment", async (_, paymentMethod, payment) => {
    const placing = place(await allServices.product(), paymentMethod);
    if (paymentMethod === "tok_declined") await expect(placing).rejects.toMatchObject({ code: 402 });
    else await customer.call("order.cancel", { id: (await placing).id });
    const { id } = await newest();
    expect((await toldOf(id)).data).toMatchObject({ payment });
  });

  it("tells of an order without stock that there was no payment", async () => {
    const tea = await allServices.product();
    const asked = { items: [{ productId: tea, quantity: 11 }], paymentMethod: "tok_success", shippingAddress: address };
    await expect(customer.call("order.create", asked)).rejects.toMatchObject({ type: "ORDER_OUT_OF_STOCK" });
    expect((await toldOf((await newest()).id)).data).toMatchObject({ payment: "none" });
  });
});

describe("order.lookup", () => {
  it("tells services what messages say of orders, and leaves out unknown ones", async () => {
    const order = await place(await allServices.product());
    const { id, number, createdAt, total, items, shippingAddress } = order;
    const tax = { ...total, amount: items.reduce((sum, item) => sum + item.tax.amount, 0) };
    const found = await allServices.asService().call("order.lookup", { ids: [id, newId()] });
    expect(found).toEqual({
      items: [{ id, number, createdAt, shipping: { ...total, amount: 0 }, total, tax, shippingAddress }],
    });
    await expect(customer.call("order.lookup", { ids: [id] })).rejects.toMatchObject({ type: "FORBIDDEN" });
  });
});
