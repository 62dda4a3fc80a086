/**
 * What an order costs and how it is paid: quotes, prices and payment methods, with all services at work.
 * @databases sqlite postgres
 */
import { chargesOf, newOrder, ordersOf } from "../../test/support/actors/customer-orders.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import type { OrderTables } from "./order.repository.ts";

let allServices: AllServices;
let staff: Person;
let customer: Person;
beforeAll(async () => {
  allServices = await AllServices.open();
  staff = await allServices.person("staff");
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
});

const { place, stockOf, paymentOf, newest, becomes } = ordersOf(() => customer);

describe("order.quote", () => {
  it("keeps the newest twenty of a person, also when many are requested at once, and none that has expired", async () => {
    const person = await allServices.person();
    const items = [{ productId: await allServices.product(won(1000), 10), quantity: 1 }];
    const quotes = () =>
      allServices
        .db<OrderTables>("order")
        .query.selectFrom("quotes")
        .select(["id", "expires_at"])
        .where("user_id", "=", person.id)
        .execute();
    // As many at once as the pool of PostgreSQL has connections: more would only wait for one.
    for (let asked = 0; asked < 24; asked += 8)
      await Promise.all(Array.from({ length: 8 }, () => person.call("order.quote", { items })));
    expect(await quotes()).toHaveLength(20);
    const [first] = await quotes();
    const expired = { expires_at: Date.now() - 1 };
    await allServices
      .db<OrderTables>("order")
      .write((tx) => tx.query.updateTable("quotes").set(expired).where("id", "=", first!.id).execute());
    const { id } = await person.call("order.quote", { items });
    const kept = (await quotes()).map((quote) => quote.id);
    expect(kept).toContain(id);
    expect(kept).not.toContain(first!.id);
  });

  it("answers prices that are kept for a quarter of an hour, with one line for each product", async () => {
    const [tea, cup] = [await allServices.product(won(1100)), await allServices.product(won(550))];
    const items = [tea, cup, tea].map((productId) => ({ productId, quantity: 2 }));
    const quote = await customer.call("order.quote", { items });
    expect(quote.items.map(({ productId, quantity, lineTotal, tax }) => [productId, quantity, lineTotal, tax])).toEqual(
      [
        [tea, 4, won(4400), won(400)],
        [cup, 2, won(1100), won(100)],
      ],
    );
    expect(quote.total).toEqual(won(5500));
    expect(Date.parse(quote.expiresAt)).toBeGreaterThan(Date.now() + 800_000);
  });

  it("rejects with PRODUCT_UNAVAILABLE and the ids of products that are unknown or archived", async () => {
    const [sold, archived] = [await allServices.product(), await allServices.product()];
    await staff.call("product.archive", { id: archived });
    const unknown = customer.id;
    const items = [sold, archived, unknown].map((productId) => ({ productId, quantity: 1 }));
    const refused = { code: 409, type: "ORDER_PRODUCT_UNAVAILABLE", data: { productIds: [archived, unknown] } };
    await expect(customer.call("order.quote", { items })).rejects.toMatchObject(refused);
    await expect(customer.call("order.create", { ...newOrder(sold), items })).rejects.toMatchObject(refused);
  });

  it("rejects with MIXED_CURRENCIES two currencies, and with TOTAL_TOO_LARGE a total that is too large", async () => {
    const [tea, cup] = [
      await allServices.product(won(1_000_000_000)),
      await allServices.product({ amount: 5, currency: "USD" }),
    ];
    const quote = (productIds: string[], quantity: number) =>
      customer.call("order.quote", { items: productIds.map((productId) => ({ productId, quantity })) });
    await expect(quote([tea, cup], 1)).rejects.toMatchObject({ code: 409, type: "ORDER_MIXED_CURRENCIES" });
    await expect(quote([tea, tea], 1000)).rejects.toMatchObject({ code: 422, type: "ORDER_TOTAL_TOO_LARGE" });
  });
});

describe("order.create with a quote", () => {
  const quoteOf = (productId: string, quantity = 1) =>
    customer.call("order.quote", { items: [{ productId, quantity }] });

  it("rejects with PRICE_CHANGED two changes that leave the total the same", async () => {
    const [cup, pot] = [await allServices.product(won(1000)), await allServices.product(won(3000))];
    const items = [cup, pot].map((productId) => ({ productId, quantity: 1 }));
    const { id: quoteId } = await customer.call("order.quote", { items });
    await staff.call("product.setPrice", { id: cup, price: won(1500) });
    await staff.call("product.setPrice", { id: pot, price: won(2500) });
    const placed = customer.call("order.create", { ...newOrder(cup), items, quoteId });
    const data = { quoted: won(4000), current: won(4000), productIds: [cup, pot] };
    await expect(placed).rejects.toMatchObject({ code: 409, type: "ORDER_PRICE_CHANGED", data });
  });

  it("sells at the price that was quoted", async () => {
    const tea = await allServices.product();
    const { id: quoteId, total } = await quoteOf(tea);
    expect((await place(tea, { quoteId })).answer).toMatchObject({ status: "confirmed", total });
  });

  it("rejects with PRICE_CHANGED and both totals, and places no order", async () => {
    const tea = await allServices.product(won(1000));
    const { id: quoteId } = await quoteOf(tea);
    await staff.call("product.setPrice", { id: tea, price: won(1200) });
    const data = { quoted: won(1000), current: won(1200) };
    const refused = { code: 409, type: "ORDER_PRICE_CHANGED", data };
    await expect(place(tea, { quoteId })).rejects.toMatchObject(refused);
    expect((await customer.call("order.list", {})).items).toEqual([]);
  });

  it("rejects with QUOTE_MISMATCH other items, and with QUOTE_EXPIRED an unknown quote or the one of another person", async () => {
    const tea = await allServices.product();
    const { id: quoteId } = await quoteOf(tea, 2);
    await expect(place(tea, { quoteId })).rejects.toMatchObject({ code: 422, type: "ORDER_QUOTE_MISMATCH" });
    await expect(place(tea, { quoteId: tea })).rejects.toMatchObject({ code: 409, type: "ORDER_QUOTE_EXPIRED" });
    customer = await allServices.person();
    const ofAnother = place(tea, { quoteId, quantity: 2 });
    await expect(ofAnother).rejects.toMatchObject({ code: 409, type: "ORDER_QUOTE_EXPIRED" });
  });
});

describe("order.create with the payment method", () => {
  it.each([
    ["tok_declined", "card_declined"],
    ["tok_insufficient_funds", "insufficient_funds"],
  ])("%s: rejects with PAYMENT_DECLINED, and releases the stock", async (paymentMethod, reason) => {
    const tea = await allServices.product();
    const declined = { code: 402, type: "ORDER_PAYMENT_DECLINED", data: { reason } };
    await expect(place(tea, { paymentMethod })).rejects.toMatchObject(declined);
    const order = await newest();
    expect(order).toMatchObject({ status: "cancelled", reason: "PAYMENT_DECLINED" });
    expect(await stockOf(tea)).toEqual({ onHand: 10, held: 0, sellable: 10 });
    await eventually(() => allServices.eventTypes(order.id).length === 2);
    expect(allServices.eventTypes(order.id)).toEqual(["order.placed", "order.cancelled"]);
  });

  it("4242424242424242: rejects a card number with VALIDATION_FAILED", async () => {
    const tea = await allServices.product();
    const placed = place(tea, { paymentMethod: "4242424242424242" });
    await expect(placed).rejects.toMatchObject({ code: 422, type: "VALIDATION_FAILED" });
  });

  it.each([["01980000-0000-7000-8000-000000000000"], ["4242 - 4242 - 4242 - 4243"], ["tok_４２４２４２４２４２４２"]])(
    "%s: rejects with PAYMENT_METHOD_INVALID",
    async (paymentMethod) => {
      const tea = await allServices.product();
      const invalid = { code: 422, type: "ORDER_PAYMENT_METHOD_INVALID" };
      await expect(place(tea, { paymentMethod })).rejects.toMatchObject(invalid);
      expect(await stockOf(tea)).toMatchObject({ held: 0 });
    },
  );

  it("of a saved method: pays for its owner, and is PAYMENT_METHOD_INVALID for another person", async () => {
    const tea = await allServices.product();
    const { id: paymentMethod } = await customer.call("payment.saveMethod", { token: "tok_success" });
    expect((await place(tea, { paymentMethod })).answer.status).toBe("confirmed");
    customer = await allServices.person();
    await expect(place(tea, { paymentMethod })).rejects.toMatchObject({ type: "ORDER_PAYMENT_METHOD_INVALID" });
  });

  it("tok_3ds: stays pending and holds the stock until the customer confirms the payment", async () => {
    const tea = await allServices.product();
    const { answer } = await place(tea, { paymentMethod: "tok_3ds" });
    expect(answer.status).toBe("pending");
    expect(await stockOf(tea)).toEqual({ onHand: 10, held: 1, sellable: 9 });
    const payment = await paymentOf(answer);
    expect(payment).toMatchObject({ status: "requires_action", nextAction: { type: "redirect" } });
    await customer.call("payment.confirm", { id: payment.id });
    await becomes(answer.id, "confirmed");
    expect(await stockOf(tea)).toEqual({ onHand: 9, held: 0, sellable: 9 });
    expect(await chargesOf(allServices, answer.id)).toHaveLength(1);
  });

  it("tok_3ds: is cancelled when the customer does not confirm the payment in time", async () => {
    const tea = await allServices.product();
    const { answer } = await place(tea, { paymentMethod: "tok_3ds" });
    const clock = jest.spyOn(Date, "now");
    const time = Date.now();
    clock.mockImplementation(() => time + 11 * 60_000);
    try {
      await becomes(answer.id, "cancelled");
    } finally {
      clock.mockRestore();
    }
    expect(await newest()).toMatchObject({ reason: "EXPIRED" });
    expect(await stockOf(tea)).toEqual({ onHand: 10, held: 0, sellable: 10 });
    const late = customer.call("payment.confirm", { id: answer.paymentId! });
    await expect(late).rejects.toMatchObject({ type: "PAYMENT_CANCELLED" });
    expect(await chargesOf(allServices, answer.id)).toMatchObject([{ captured: won(0) }]);
  });

  it.each(["tok_delayed", "tok_timeout", "tok_duplicate_webhook"])(
    "%s: is confirmed at last, and charged once",
    async (paymentMethod) => {
      const tea = await allServices.product();
      const { answer } = await place(tea, { paymentMethod });
      await becomes(answer.id, "confirmed");
      expect(await chargesOf(allServices, answer.id)).toMatchObject([
        { status: "captured", captured: won(1000), refunded: won(0) },
      ]);
      expect(await stockOf(tea)).toEqual({ onHand: 9, held: 0, sellable: 9 });
      await eventually(() => allServices.eventTypes(answer.id).length === 2);
      expect(allServices.eventTypes(answer.id)).toEqual(["order.placed", "order.confirmed"]);
    },
  );
});
