/**
 * Orders with taxes of their country and fees of shipping: what is quoted is charged, kept, told and refunded.
 * @databases sqlite postgres
 */
import { chargesOf as chargedAt, ordersOf } from "../../test/support/actors/customer-orders.ts";
import { address } from "../../test/support/actors/client.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import type { OrderTables } from "./order.repository.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open();
  staff = await allServices.person("staff");
  tea = await allServices.product(won(11_000), 1000);
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
});
afterEach(async () => {
  await staff.call("order.setTaxRates", { country: "DE", rates: [] });
  await staff.call("order.setShippingRules", { currency: "KRW", rules: [] });
});

const { place } = ordersOf(() => customer);
const items = (quantity: number) => [{ productId: tea, quantity }];
const there = { ...address, country: "DE" };
const configure = async () => {
  await staff.call("order.setTaxRates", { country: "DE", rates: [{ rate: 1900, included: false }] });
  const steps = [
    { from: 0, fee: 3000 },
    { from: 30_000, fee: 0 },
  ];
  await staff.call("order.setShippingRules", { currency: "KRW", rules: [{ name: "Parcel", country: "DE", steps }] });
};
// 19 % of 22,000 and of 3,000.
const charges = {
  subtotal: won(22_000),
  shipping: won(3000),
  tax: won(4750),
  taxes: [{ rate: 1900, included: false, base: won(25_000), tax: won(4750) }],
  shippingRule: "Parcel",
  total: won(29_750),
};

describe("charges", () => {
  it("are the prices alone with the tax that they include, while nothing is set", async () => {
    const { answer } = await place(tea, { quantity: 2 });
    expect(answer).toMatchObject({
      subtotal: won(22_000),
      shipping: won(0),
      tax: won(2000),
      taxes: [{ rate: 1000, included: true, base: won(22_000), tax: won(2000) }],
      total: won(22_000),
    });
    expect(answer).not.toHaveProperty("shippingRule");
  });

  it("are quoted, charged, kept and told with taxes and the fee, and refunded wholly", async () => {
    await configure();
    const quote = await customer.call("order.quote", { items: items(2), country: "DE" });
    expect(quote).toMatchObject(charges);
    const { answer } = await place(tea, { quantity: 2, shippingAddress: there, quoteId: quote.id });
    const { id } = answer;
    expect(answer).toMatchObject(charges);
    expect(await chargedAt(allServices, id)).toMatchObject([{ captured: won(29_750) }]);
    expect((await allServices.asService().call("order.lookup", { ids: [id] })).items).toMatchObject([
      { shipping: won(3000), tax: won(4750), total: won(29_750) },
    ]);
    // What staff set later changes no order.
    await staff.call("order.setTaxRates", { country: "DE", rates: [] });
    expect(await customer.call("order.get", { id })).toEqual(answer);
    expect((await customer.call("order.list", {})).items).toEqual([answer]);
    await customer.call("order.cancel", { id });
    expect(await chargedAt(allServices, id)).toMatchObject([{ captured: won(29_750), refunded: won(29_750) }]);
  });

  it("are free of a fee from a subtotal on, and are another country's own business", async () => {
    await configure();
    expect(await customer.call("order.quote", { items: items(3), country: "DE" })).toMatchObject({ shipping: won(0) });
    expect(await customer.call("order.quote", { items: items(2), country: "JP" })).toMatchObject({
      total: won(22_000),
    });
    expect(await customer.call("order.quote", { items: items(2) })).toMatchObject({ total: won(22_000) });
  });

  it("that changed since the quote are refused with both figures, and with nothing placed", async () => {
    await configure();
    const { id: quoteId } = await customer.call("order.quote", { items: items(2), country: "DE" });
    await staff.call("order.setTaxRates", { country: "DE", rates: [{ rate: 700, included: false }] });
    const asked = place(tea, { quantity: 2, shippingAddress: there, quoteId });
    await expect(asked).rejects.toMatchObject({
      code: 409,
      type: "ORDER_PRICE_CHANGED",
      data: {
        quoted: won(29_750),
        current: won(26_750),
        tax: { quoted: won(4750), current: won(1750) },
        productIds: [tea],
      },
    });
    expect((await customer.call("order.list", {})).items).toEqual([]);
  });

  it("of a quote and of an order of the release before are their lines", async () => {
    const { answer } = await place(tea, { quantity: 2 });
    const { id: quoteId } = await customer.call("order.quote", { items: items(2) });
    const none = { subtotal: null, shipping: null, tax: null, added_tax: null, taxes: null, shipping_rule: null };
    const db = allServices.db<OrderTables>("order");
    await db.write(async ({ query }) => {
      await query.updateTable("orders").set(none).where("id", "=", answer.id).execute();
      await query.updateTable("quotes").set({ charges: null }).where("id", "=", quoteId).execute();
    });
    const { taxes, ...rest } = answer;
    expect(taxes).toHaveLength(1);
    expect(await customer.call("order.get", { id: answer.id })).toEqual({ ...rest, taxes: [] });
    expect((await place(tea, { quantity: 2, quoteId })).answer.total).toEqual(won(22_000));
  });

  it("cannot be stored when they do not add up", async () => {
    const { answer } = await place(tea);
    const write = allServices
      .db<OrderTables>("order")
      .write(({ query }) => query.updateTable("orders").set({ added_tax: 1 }).where("id", "=", answer.id).execute());
    await expect(write).rejects.toThrow();
  });
});

describe("what staff set", () => {
  it("is shown, replaces what was there, and is refused to customers", async () => {
    await configure();
    const german = {
      country: "DE",
      rates: [
        { rate: 1900, included: false },
        { rate: 700, included: false, homeRate: 0 },
      ],
    };
    expect(await staff.call("order.setTaxRates", german)).toEqual(german);
    expect((await staff.call("order.listTaxRates", {})).items).toEqual([
      { country: "DE", rates: expect.arrayContaining(german.rates) },
    ]);
    expect((await staff.call("order.listShippingRules", {})).items).toMatchObject([
      { currency: "KRW", rules: [{ name: "Parcel", country: "DE" }] },
    ]);
    const forbidden = { type: "FORBIDDEN" };
    await expect(customer.call("order.setTaxRates", german)).rejects.toMatchObject(forbidden);
    await expect(customer.call("order.setShippingRules", { currency: "KRW", rules: [] })).rejects.toMatchObject(
      forbidden,
    );
  });
});
