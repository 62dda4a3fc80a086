/**
 * Orders are placed, listed and shown, with all services at work.
 * @databases sqlite postgres
 */
import { address } from "../../test/support/actors/client.ts";
import { chargesOf, newOrder, ordersOf } from "../../test/support/actors/customer-orders.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";

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

describe("order.create", () => {
  it("reserves the stock, captures the payment, commits the stock and publishes both events", async () => {
    const tea = await allServices.product(won(1100), 10);
    const { answer } = await place(tea, { quantity: 3 });
    expect(answer).toEqual({
      number: expect.stringMatching(/^M-\d{4}-\d{6}$/),
      id: expect.any(String),
      status: "confirmed",
      items: [
        {
          productId: tea,
          name: "Tea",
          quantity: 3,
          unitPrice: won(1100),
          lineTotal: won(3300),
          tax: won(300),
          taxRate: 1000,
          taxIncluded: true,
        },
      ],
      subtotal: won(3300),
      shipping: won(0),
      tax: won(300),
      taxes: [{ rate: 1000, included: true, base: won(3300), tax: won(300) }],
      total: won(3300),
      paymentId: expect.any(String),
      reason: null,
      shippingAddress: address,
      createdAt: expect.any(String),
      version: 2,
    });
    expect(await customer.call("order.get", { id: answer.id })).toEqual(answer);
    expect(await stockOf(tea)).toEqual({ onHand: 7, held: 0, sellable: 7 });
    expect(await paymentOf(answer)).toMatchObject({
      status: "succeeded",
      captured: won(3300),
      refunded: won(0),
    });
    expect(await chargesOf(allServices, answer.id)).toMatchObject([{ status: "captured", captured: won(3300) }]);
    await eventually(() => allServices.eventTypes(answer.id).length === 2);
    expect(allServices.eventTypes(answer.id)).toEqual(["order.placed", "order.confirmed"]);
  });

  it("keeps the name and the price at which a product was sold", async () => {
    const tea = await allServices.product(won(1000));
    const { answer } = await place(tea);
    await staff.call("product.setPrice", { id: tea, price: won(9000) });
    await staff.call("product.update", { id: tea, name: "Old tea" });
    const [item] = (await customer.call("order.get", { id: answer.id })).items;
    expect(item).toMatchObject({ name: "Tea", unitPrice: won(1000) });
  });

  it("rejects with OUT_OF_STOCK when one line asks for too much, and holds nothing of the other lines", async () => {
    const [tea, cup] = [await allServices.product(won(1000), 5), await allServices.product(won(1000), 1)];
    const items = [tea, cup, cup].map((productId) => ({ productId, quantity: 1 }));
    await expect(place(tea, { items })).rejects.toMatchObject({
      code: 409,
      type: "ORDER_OUT_OF_STOCK",
      data: { productId: cup, requested: 2, sellable: 1 },
    });
    expect(await newest()).toMatchObject({ status: "cancelled", reason: "PRODUCT_OUT_OF_STOCK", paymentId: null });
    expect([await stockOf(tea), await stockOf(cup)]).toMatchObject([{ sellable: 5 }, { sellable: 1 }]);
    expect(await chargesOf(allServices, (await newest()).id)).toEqual([]);
  });

  it("sells the last unit once, though twenty people order it at the same time", async () => {
    const tea = await allServices.product(won(1000), 1);
    const buyers = await Promise.all(Array.from({ length: 20 }, () => allServices.person()));
    const orders = await Promise.allSettled(buyers.map((buyer) => buyer.call("order.create", newOrder(tea))));
    const refused = orders.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => (reason as { type: string }).type)).toEqual(
      Array(19).fill("ORDER_OUT_OF_STOCK"),
    );
    expect(await stockOf(tea)).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });
});

describe("the lines of an order", () => {
  it.each([
    [[600, 401], 1],
    [[1000, 1], 1],
    [[1, 999, 1], 2],
    [Array(100).fill(11), 90],
  ])(
    "are rejected with VALIDATION_FAILED above 1,000 of one product together: %j",
    async (quantities: number[], line) => {
      const tea = await allServices.product(won(1), 5000);
      const items = quantities.map((quantity) => ({ productId: tea, quantity }));
      const refused = {
        code: 422,
        type: "VALIDATION_FAILED",
        data: { errors: [{ pointer: `/items/${line}/quantity` }] },
      };
      await expect(customer.call("order.quote", { items })).rejects.toMatchObject(refused);
      await expect(customer.call("order.create", { ...newOrder(tea), items })).rejects.toMatchObject(refused);
      expect(await customer.call("product.getStock", { id: tea })).toMatchObject({ held: 0 });
    },
  );

  it("may ask for 1,000 of one product together", async () => {
    const tea = await allServices.product(won(1), 5000);
    const items = [600, 400].map((quantity) => ({ productId: tea, quantity }));
    expect(await customer.call("order.create", { ...newOrder(tea), items })).toMatchObject({
      status: "confirmed",
      items: [{ quantity: 1000 }],
    });
  });
});

describe("order.list", () => {
  it("answers the orders of the caller page by page, newest first, also when new orders arrive between the pages", async () => {
    const tea = await allServices.product(won(1000), 100);
    const placed: string[] = [];
    for (let n = 0; n < 5; n += 1) placed.unshift((await place(tea)).answer.id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { id: string }[]; nextCursor: string | null } = await customer.call("order.list", {
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      await place(tea);
    } while (cursor);
    expect(seen).toEqual(placed);
  });

  it("answers the orders of one status, and none of other people", async () => {
    const tea = await allServices.product(won(1000), 100);
    const confirmed = (await place(tea)).answer.id;
    const pending = (await place(tea, { paymentMethod: "tok_3ds" })).answer.id;
    const idsOf = async (who: Person, status?: "confirmed" | "pending") =>
      (await who.call("order.list", status ? { status } : {})).items.map(({ id }) => id);
    expect(await idsOf(customer)).toEqual([pending, confirmed]);
    expect(await idsOf(customer, "pending")).toEqual([pending]);
    expect(await idsOf(customer, "confirmed")).toEqual([confirmed]);
    expect(await idsOf(await allServices.person())).toEqual([]);
    // The list of staff holds their own orders too, not those of everybody.
    expect(await idsOf(staff)).toEqual([]);
  });

  it.each([["not base64 ~"], ["W10"], ["WzEsMl0"], [Buffer.from("{}").toString("base64url")]])(
    "rejects with VALIDATION_FAILED the forged cursor %s",
    async (cursor) => {
      const page = customer.call("order.list", { cursor });
      await expect(page).rejects.toMatchObject({ code: 422, type: "VALIDATION_FAILED" });
    },
  );
});

describe("order.get, order.getTimeline and order.watch", () => {
  it("answer the owner of an order and staff, and NOT_FOUND to other people", async () => {
    const { id } = (await place(await allServices.product())).answer;
    const stranger = await allServices.person();
    for (const name of ["order.get", "order.getTimeline", "order.watch"] as const) {
      await customer.call(name, { id });
      await staff.call(name, { id });
      await expect(stranger.call(name, { id })).rejects.toMatchObject({ code: 404, type: "NOT_FOUND" });
      await expect(customer.call(name, { id: stranger.id })).rejects.toMatchObject({ type: "NOT_FOUND" });
    }
  });

  it("answer what happened, oldest first", async () => {
    const { answer } = await place(await allServices.product(), { paymentMethod: "tok_3ds" });
    const timeline = async () => {
      const { items } = await customer.call("order.getTimeline", { id: answer.id });
      expect(items.map(({ at }) => at)).toEqual(items.map(({ at }) => at).toSorted());
      return items.map(({ step, state, detail }) => [step, state, detail].filter(Boolean).join(" "));
    };
    expect(await timeline()).toEqual(["placed done", "reserveStock done", "authorizePayment waiting requires_action"]);
    await customer.call("payment.confirm", { id: answer.paymentId! });
    await becomes(answer.id, "confirmed");
    expect(await timeline()).toEqual([
      "placed done",
      "reserveStock done",
      "authorizePayment done",
      "capturePayment done",
      "commitStock done",
      "confirmed done",
    ]);
    await customer.call("order.cancel", { id: answer.id });
    await eventually(async () => (await timeline()).some((entry) => entry.startsWith("refund")));
    const undone = (await timeline()).slice(5);
    expect(undone.toSorted()).toEqual([
      "authorizePayment undone",
      "cancelled done ORDER_CANCELLED",
      "capturePayment undone",
      "refund done ₩1,000, order_cancelled",
      "reserveStock undone",
    ]);
  });

  it("answer why an order was refused", async () => {
    const tea = await allServices.product(won(1000), 0);
    await place(tea).catch(() => undefined);
    const { items } = await customer.call("order.getTimeline", { id: (await newest()).id });
    expect(items.map(({ step, state, detail }) => [step, state, detail])).toEqual([
      ["placed", "done", undefined],
      ["reserveStock", "refused", "PRODUCT_OUT_OF_STOCK"],
      ["cancelled", "done", "PRODUCT_OUT_OF_STOCK"],
    ]);
  });

  it("answer the events of an order after any of them", async () => {
    const { answer } = await place(await allServices.product(), { paymentMethod: "tok_3ds" });
    const watch = async (after?: number) =>
      (await customer.call("order.watch", { id: answer.id, ...(after === undefined ? {} : { after }) })).items;
    const [placed, ...none] = await watch();
    expect(placed).toMatchObject({ event: "order.placed", data: { orderId: answer.id, total: won(1000) } });
    expect(none).toEqual([]);
    await customer.call("payment.confirm", { id: answer.paymentId! });
    await becomes(answer.id, "confirmed");
    expect(await watch(Number(placed!.id))).toMatchObject([{ event: "order.confirmed" }]);
    const all = await watch();
    expect(all.map(({ event }) => event)).toEqual(["order.placed", "order.confirmed"]);
    expect(await watch(Number(all[1]!.id))).toEqual([]);
  });
});
