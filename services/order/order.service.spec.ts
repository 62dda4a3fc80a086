/**
 * Quotes, orders, their history and story, with all services at work.
 * @databases sqlite postgres
 */
import type { Input } from "#core/contract.ts";
import { address } from "../../test/support/actors/client.ts";
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

type NewOrder = Input<"order.create">;

const orderOf = (productId: string, rest: Partial<NewOrder> & { quantity?: number } = {}): NewOrder => {
  const { quantity = 1, ...fields } = rest;
  return { items: [{ productId, quantity }], paymentMethod: "tok_success", shippingAddress: address, ...fields };
};
const place = (productId: string, rest: Partial<NewOrder> & { quantity?: number } = {}, key?: string) =>
  customer.ask("order.create", orderOf(productId, rest), key);
const stockOf = (id: string) => customer.call("product.getStock", { id });
const statusOf = async (id: string) => (await customer.call("order.get", { id })).status;
const becomes = (id: string, status: string) => eventually(async () => (await statusOf(id)) === status);
const paymentOf = async (id: string) => customer.call("payment.get", { id });
const newest = async () => (await customer.call("order.list", { limit: 1 })).items[0]!;

async function chargesOf(reference: string) {
  const admin = await allServices.person("admin");
  return (await admin.call("payment.listCharges", { reference })).items;
}

describe("what several lines ask for together", () => {
  it.each([
    [[600, 401], 1],
    [[1000, 1], 1],
    [[1, 999, 1], 2],
    [Array(100).fill(11), 90],
  ])("is refused at the door beyond 1,000 of one product: %j", async (quantities: number[], line) => {
    const tea = await allServices.product(won(1), 5000);
    const items = quantities.map((quantity) => ({ productId: tea, quantity }));
    const refused = {
      code: 422,
      type: "VALIDATION_FAILED",
      data: { errors: [{ pointer: `/items/${line}/quantity` }] },
    };
    await expect(customer.call("order.quote", { items })).rejects.toMatchObject(refused);
    await expect(customer.call("order.create", { ...orderOf(tea), items })).rejects.toMatchObject(refused);
    expect(await customer.call("product.getStock", { id: tea })).toMatchObject({ held: 0 });
  });

  it("may be 1,000 of one product", async () => {
    const tea = await allServices.product(won(1), 5000);
    const items = [600, 400].map((quantity) => ({ productId: tea, quantity }));
    expect(await customer.call("order.create", { ...orderOf(tea), items })).toMatchObject({
      status: "confirmed",
      items: [{ quantity: 1000 }],
    });
  });
});

describe("order.quote", () => {
  it("keeps the newest of a person, also when many are asked for at once, and none that has ended", async () => {
    const person = await allServices.person();
    const items = [{ productId: await allServices.product(won(1000), 10), quantity: 1 }];
    const quotes = () =>
      allServices
        .db<OrderTables>("order")
        .query.selectFrom("quotes")
        .select(["id", "expires_at"])
        .where("user_id", "=", person.id)
        .execute();
    // No more at once than PostgreSQL's pool has connections: who waits for one is given up after two seconds.
    for (let asked = 0; asked < 24; asked += 8)
      await Promise.all(Array.from({ length: 8 }, () => person.call("order.quote", { items })));
    expect(await quotes()).toHaveLength(20);
    const [first] = await quotes();
    const ended = { expires_at: Date.now() - 1 };
    await allServices
      .db<OrderTables>("order")
      .write((tx) => tx.query.updateTable("quotes").set(ended).where("id", "=", first!.id).execute());
    const { id } = await person.call("order.quote", { items });
    const kept = (await quotes()).map((quote) => quote.id);
    expect(kept).toContain(id);
    expect(kept).not.toContain(first!.id);
  });

  it("prices a basket, each product once, for as long as it says", async () => {
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

  it("rejects with PRODUCT_UNAVAILABLE naming what is unknown or no longer sold", async () => {
    const [sold, archived] = [await allServices.product(), await allServices.product()];
    await staff.call("product.archive", { id: archived });
    const unknown = customer.id;
    const items = [sold, archived, unknown].map((productId) => ({ productId, quantity: 1 }));
    const refused = { code: 409, type: "ORDER_PRODUCT_UNAVAILABLE", data: { productIds: [archived, unknown] } };
    await expect(customer.call("order.quote", { items })).rejects.toMatchObject(refused);
    await expect(customer.call("order.create", { ...orderOf(sold), items })).rejects.toMatchObject(refused);
  });

  it("rejects with MIXED_CURRENCIES and TOTAL_TOO_LARGE", async () => {
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

describe("order.create", () => {
  it("reserves, pays and takes out of stock, and tells it", async () => {
    const tea = await allServices.product(won(1100), 10);
    const { answer } = await place(tea, { quantity: 3 });
    expect(answer).toEqual({
      id: expect.any(String),
      status: "confirmed",
      items: [{ productId: tea, name: "Tea", quantity: 3, unitPrice: won(1100), lineTotal: won(3300), tax: won(300) }],
      total: won(3300),
      paymentId: expect.any(String),
      reason: null,
      shippingAddress: address,
      createdAt: expect.any(String),
      version: 2,
    });
    expect(await customer.call("order.get", { id: answer.id })).toEqual(answer);
    expect(await stockOf(tea)).toEqual({ onHand: 7, held: 0, sellable: 7 });
    expect(await paymentOf(answer.paymentId!)).toMatchObject({
      status: "succeeded",
      captured: won(3300),
      refunded: won(0),
    });
    expect(await chargesOf(answer.id)).toMatchObject([{ status: "captured", captured: won(3300) }]);
    await eventually(() => allServices.eventTypes(answer.id).length === 2);
    expect(allServices.eventTypes(answer.id)).toEqual(["order.placed", "order.confirmed"]);
  });

  it("keeps name and price as they were sold", async () => {
    const tea = await allServices.product(won(1000));
    const { answer } = await place(tea);
    await staff.call("product.setPrice", { id: tea, price: won(9000) });
    await staff.call("product.update", { id: tea, name: "Old tea" });
    const [item] = (await customer.call("order.get", { id: answer.id })).items;
    expect(item).toMatchObject({ name: "Tea", unitPrice: won(1000) });
  });

  it("rejects with OUT_OF_STOCK and keeps the other lines' stock free, whoever asks for too much", async () => {
    const [tea, cup] = [await allServices.product(won(1000), 5), await allServices.product(won(1000), 1)];
    const items = [tea, cup, cup].map((productId) => ({ productId, quantity: 1 }));
    await expect(place(tea, { items })).rejects.toMatchObject({
      code: 409,
      type: "ORDER_OUT_OF_STOCK",
      data: { productId: cup, requested: 2, sellable: 1 },
    });
    expect(await newest()).toMatchObject({ status: "cancelled", reason: "PRODUCT_OUT_OF_STOCK", paymentId: null });
    expect([await stockOf(tea), await stockOf(cup)]).toMatchObject([{ sellable: 5 }, { sellable: 1 }]);
    expect(await chargesOf((await newest()).id)).toEqual([]);
  });

  it("sells one unit once, however many want it", async () => {
    const tea = await allServices.product(won(1000), 1);
    const buyers = await Promise.all(Array.from({ length: 20 }, () => allServices.person()));
    const orders = await Promise.allSettled(buyers.map((buyer) => buyer.call("order.create", orderOf(tea))));
    const refused = orders.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => (reason as { type: string }).type)).toEqual(
      Array(19).fill("ORDER_OUT_OF_STOCK"),
    );
    expect(await stockOf(tea)).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });

  describe("with a quote", () => {
    const quoteOf = (productId: string, quantity = 1) =>
      customer.call("order.quote", { items: [{ productId, quantity }] });

    it("rejects with PRICE_CHANGED when changes of two prices even out in the total", async () => {
      const [cup, pot] = [await allServices.product(won(1000)), await allServices.product(won(3000))];
      const items = [cup, pot].map((productId) => ({ productId, quantity: 1 }));
      const { id: quoteId } = await customer.call("order.quote", { items });
      const staff = await allServices.person("staff");
      await staff.call("product.setPrice", { id: cup, price: won(1500) });
      await staff.call("product.setPrice", { id: pot, price: won(2500) });
      const placed = customer.call("order.create", { ...orderOf(cup), items, quoteId });
      const data = { quoted: won(4000), current: won(4000), productIds: [cup, pot] };
      await expect(placed).rejects.toMatchObject({ code: 409, type: "ORDER_PRICE_CHANGED", data });
    });

    it("sells at the price that was quoted", async () => {
      const tea = await allServices.product();
      const { id: quoteId, total } = await quoteOf(tea);
      expect((await place(tea, { quoteId })).answer).toMatchObject({ status: "confirmed", total });
    });

    it("rejects with PRICE_CHANGED telling both prices, and places nothing", async () => {
      const tea = await allServices.product(won(1000));
      const { id: quoteId } = await quoteOf(tea);
      await staff.call("product.setPrice", { id: tea, price: won(1200) });
      const data = { quoted: won(1000), current: won(1200) };
      const refused = { code: 409, type: "ORDER_PRICE_CHANGED", data };
      await expect(place(tea, { quoteId })).rejects.toMatchObject(refused);
      expect((await customer.call("order.list", {})).items).toEqual([]);
    });

    it("rejects with QUOTE_MISMATCH for other items, QUOTE_EXPIRED for nobody's quote, or somebody else's", async () => {
      const tea = await allServices.product();
      const { id: quoteId } = await quoteOf(tea, 2);
      await expect(place(tea, { quoteId })).rejects.toMatchObject({ code: 422, type: "ORDER_QUOTE_MISMATCH" });
      await expect(place(tea, { quoteId: tea })).rejects.toMatchObject({ code: 409, type: "ORDER_QUOTE_EXPIRED" });
      customer = await allServices.person();
      const foreign = place(tea, { quoteId, quantity: 2 });
      await expect(foreign).rejects.toMatchObject({ code: 409, type: "ORDER_QUOTE_EXPIRED" });
    });
  });

  describe("with each payment token", () => {
    it.each([
      ["tok_declined", "card_declined"],
      ["tok_insufficient_funds", "insufficient_funds"],
    ])("%s: rejects with PAYMENT_DECLINED, and the stock comes back", async (paymentMethod, reason) => {
      const tea = await allServices.product();
      const declined = { code: 402, type: "ORDER_PAYMENT_DECLINED", data: { reason } };
      await expect(place(tea, { paymentMethod })).rejects.toMatchObject(declined);
      const order = await newest();
      expect(order).toMatchObject({ status: "cancelled", reason: "PAYMENT_DECLINED" });
      expect(await stockOf(tea)).toEqual({ onHand: 10, held: 0, sellable: 10 });
      await eventually(() => allServices.eventTypes(order.id).length === 2);
      expect(allServices.eventTypes(order.id)).toEqual(["order.placed", "order.cancelled"]);
    });

    it("refuses a card number before anything is stored", async () => {
      const tea = await allServices.product();
      const placed = place(tea, { paymentMethod: "4242424242424242" });
      await expect(placed).rejects.toMatchObject({ code: 422, type: "VALIDATION_FAILED" });
    });

    it.each([
      ["01980000-0000-7000-8000-000000000000"],
      ["4242 - 4242 - 4242 - 4243"],
      ["tok_４２４２４２４２４２４２"],
    ])("%s: rejects with PAYMENT_METHOD_INVALID", async (paymentMethod) => {
      const tea = await allServices.product();
      const invalid = { code: 422, type: "ORDER_PAYMENT_METHOD_INVALID" };
      await expect(place(tea, { paymentMethod })).rejects.toMatchObject(invalid);
      expect(await stockOf(tea)).toMatchObject({ held: 0 });
    });

    it("a saved method pays for its owner, and for nobody else", async () => {
      const tea = await allServices.product();
      const { id: paymentMethod } = await customer.call("payment.saveMethod", { token: "tok_success" });
      expect((await place(tea, { paymentMethod })).answer.status).toBe("confirmed");
      customer = await allServices.person();
      await expect(place(tea, { paymentMethod })).rejects.toMatchObject({ type: "ORDER_PAYMENT_METHOD_INVALID" });
    });

    it("tok_3ds: is accepted, holds the stock, and is confirmed when the customer has confirmed", async () => {
      const tea = await allServices.product();
      const { answer } = await place(tea, { paymentMethod: "tok_3ds" });
      expect(answer.status).toBe("pending");
      expect(await stockOf(tea)).toEqual({ onHand: 10, held: 1, sellable: 9 });
      const payment = await paymentOf(answer.paymentId!);
      expect(payment).toMatchObject({ status: "requires_action", nextAction: { type: "redirect" } });
      await customer.call("payment.confirm", { id: payment.id });
      await becomes(answer.id, "confirmed");
      expect(await stockOf(tea)).toEqual({ onHand: 9, held: 0, sellable: 9 });
      expect(await chargesOf(answer.id)).toHaveLength(1);
    });

    it("tok_3ds: is cancelled when the customer takes too long", async () => {
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
      expect(await chargesOf(answer.id)).toMatchObject([{ captured: won(0) }]);
    });

    it.each(["tok_delayed", "tok_timeout", "tok_duplicate_webhook"])(
      "%s: is confirmed in the end, and charged once",
      async (paymentMethod) => {
        const tea = await allServices.product();
        const { answer } = await place(tea, { paymentMethod });
        await becomes(answer.id, "confirmed");
        expect(await chargesOf(answer.id)).toMatchObject([
          { status: "captured", captured: won(1000), refunded: won(0) },
        ]);
        expect(await stockOf(tea)).toEqual({ onHand: 9, held: 0, sellable: 9 });
        await eventually(() => allServices.eventTypes(answer.id).length === 2);
        expect(allServices.eventTypes(answer.id)).toEqual(["order.placed", "order.confirmed"]);
      },
    );
  });

  describe("asked again with the same key", () => {
    it("answers what it answered, whatever has changed since", async () => {
      const tea = await allServices.product();
      const first = await place(tea, {}, "again-1");
      await staff.call("product.archive", { id: tea });
      const second = await place(tea, {}, "again-1");
      expect(second).toEqual({ ...first, replayed: true });
      expect((await customer.call("order.list", {})).items).toHaveLength(1);
    });

    it("rejects with IDEMPOTENCY_KEY_REUSED when the request is another", async () => {
      const tea = await allServices.product();
      await place(tea, {}, "again-2");
      const other = place(tea, { quantity: 2 }, "again-2");
      await expect(other).rejects.toMatchObject({ code: 422, type: "IDEMPOTENCY_KEY_REUSED" });
    });

    it("refuses again what it refused, even if it could be had now", async () => {
      const tea = await allServices.product(won(1000), 0);
      const refused = { code: 409, type: "ORDER_OUT_OF_STOCK", data: { productId: tea, requested: 1, sellable: 0 } };
      await expect(place(tea, {}, "again-3")).rejects.toMatchObject(refused);
      await staff.call("product.adjustStock", { id: tea, quantity: 5, reason: "delivery" });
      await expect(place(tea, {}, "again-3")).rejects.toMatchObject(refused);
      expect((await place(tea, {}, "again-4")).answer.status).toBe("confirmed");
    });

    it("accepts it again with the same order while that is under way, then answers its end", async () => {
      const tea = await allServices.product();
      const first = await place(tea, { paymentMethod: "tok_3ds" }, "again-5");
      const { answer } = first;
      const meanwhile = await place(tea, { paymentMethod: "tok_3ds" }, "again-5");
      expect(meanwhile).toEqual({ ...first, replayed: true });
      await customer.call("payment.confirm", { id: answer.paymentId! });
      await becomes(answer.id, "confirmed");
      const replayed = await place(tea, { paymentMethod: "tok_3ds" }, "again-5");
      expect(replayed).toMatchObject({ replayed: true, answer: { id: answer.id, status: "confirmed" } });
    });

    it("makes one order of twenty requests at once, and answers it to all of them", async () => {
      const tea = await allServices.product(won(1000), 50);
      const answers = await Promise.all(Array.from({ length: 20 }, () => place(tea, {}, "again-6")));
      expect(new Set(answers.map(({ answer }) => JSON.stringify(answer)))).toHaveProperty("size", 1);
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect((await customer.call("order.list", {})).items).toHaveLength(1);
      expect(await stockOf(tea)).toEqual({ onHand: 49, held: 0, sellable: 49 });
      expect(await chargesOf(answers[0]!.answer.id)).toHaveLength(1);
    });

    it("belongs to its caller: the same key of two people makes two orders", async () => {
      const tea = await allServices.product();
      const mine = await place(tea, {}, "again-7");
      customer = await allServices.person();
      const theirs = await place(tea, {}, "again-7");
      expect(theirs.replayed).toBe(false);
      expect(theirs.answer.id).not.toBe(mine.answer.id);
    });
  });
});

describe("order.list", () => {
  it("pages through my orders, newest first, unmoved by orders that come meanwhile", async () => {
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

  it("shows the orders of one status, and nobody else's", async () => {
    const tea = await allServices.product(won(1000), 100);
    const confirmed = (await place(tea)).answer.id;
    const pending = (await place(tea, { paymentMethod: "tok_3ds" })).answer.id;
    const idsOf = async (who: Person, status?: "confirmed" | "pending") =>
      (await who.call("order.list", status ? { status } : {})).items.map(({ id }) => id);
    expect(await idsOf(customer)).toEqual([pending, confirmed]);
    expect(await idsOf(customer, "pending")).toEqual([pending]);
    expect(await idsOf(customer, "confirmed")).toEqual([confirmed]);
    expect(await idsOf(await allServices.person())).toEqual([]);
    // Staff have a list of their own orders like everybody.
    expect(await idsOf(staff)).toEqual([]);
  });

  it.each([["not base64 ~"], ["W10"], ["WzEsMl0"], [Buffer.from("{}").toString("base64url")]])(
    "rejects the cursor %s that nobody here made",
    async (cursor) => {
      const page = customer.call("order.list", { cursor });
      await expect(page).rejects.toMatchObject({ code: 422, type: "VALIDATION_FAILED" });
    },
  );
});

describe("order.get, order.getTimeline and order.watch", () => {
  it("show an order to its owner and to staff, and to nobody else", async () => {
    const { id } = (await place(await allServices.product())).answer;
    const stranger = await allServices.person();
    for (const name of ["order.get", "order.getTimeline", "order.watch"] as const) {
      await customer.call(name, { id });
      await staff.call(name, { id });
      await expect(stranger.call(name, { id })).rejects.toMatchObject({ code: 404, type: "NOT_FOUND" });
      await expect(customer.call(name, { id: stranger.id })).rejects.toMatchObject({ type: "NOT_FOUND" });
    }
  });

  it("tell the story in the order it happened", async () => {
    const { answer } = await place(await allServices.product(), { paymentMethod: "tok_3ds" });
    const told = async () => {
      const { items } = await customer.call("order.getTimeline", { id: answer.id });
      expect(items.map(({ at }) => at)).toEqual(items.map(({ at }) => at).toSorted());
      return items.map(({ step, state, detail }) => [step, state, detail].filter(Boolean).join(" "));
    };
    expect(await told()).toEqual(["placed done", "reserveStock done", "authorizePayment waiting requires_action"]);
    await customer.call("payment.confirm", { id: answer.paymentId! });
    await becomes(answer.id, "confirmed");
    expect(await told()).toEqual([
      "placed done",
      "reserveStock done",
      "authorizePayment done",
      "capturePayment done",
      "commitStock done",
      "confirmed done",
    ]);
    await customer.call("order.cancel", { id: answer.id });
    await eventually(async () => (await told()).some((entry) => entry.startsWith("refund")));
    const undone = (await told()).slice(5);
    expect(undone.toSorted()).toEqual([
      "authorizePayment undone",
      "cancelled done ORDER_CANCELLED",
      "capturePayment undone",
      "refund done ₩1,000, order_cancelled",
      "reserveStock undone",
    ]);
  });

  it("tell why an order was refused", async () => {
    const tea = await allServices.product(won(1000), 0);
    await place(tea).catch(() => undefined);
    const { items } = await customer.call("order.getTimeline", { id: (await newest()).id });
    expect(items.map(({ step, state, detail }) => [step, state, detail])).toEqual([
      ["placed", "done", undefined],
      ["reserveStock", "refused", "PRODUCT_OUT_OF_STOCK"],
      ["cancelled", "done", "PRODUCT_OUT_OF_STOCK"],
    ]);
  });

  it("follow an order live, from any event on", async () => {
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
