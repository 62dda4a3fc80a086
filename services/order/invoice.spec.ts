/**
 * Invoices and credit notes of orders: of whatever was captured and refunded, and nothing else, for those whose they are.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Output } from "#core/contract.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import { ordersOf } from "../../test/support/actors/customer-orders.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import type { OrderTables } from "./order.repository.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let tea: string;
let book: string;
beforeAll(async () => {
  allServices = await AllServices.open({ INVOICE_SELLER: "Madang Ltd. | 세종대로 110", PAYMENT_SANDBOX_DELAY: "20" });
  staff = await allServices.person("staff");
  tea = await allServices.product(won(1100), 1000);
  const untaxed = { name: "Book", description: "", price: won(1003), stock: 1000, taxRate: 0 };
  book = (await staff.call("product.create", untaxed)).id;
  const rules = [{ name: "Parcel", steps: [{ from: 0, fee: 301 }] }];
  await (await allServices.person("admin")).call("order.setShippingRules", { currency: "KRW", rules });
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
});

type Invoice = Output<"order.getInvoice">;
const { place } = ordersOf(() => customer);
const order = async () =>
  (await place(tea, { items: [tea, book].map((productId) => ({ productId, quantity: 3 })) })).answer;

/** The documents of an order, oldest first, once there are so many. */
const documents = (id: string, count: number): Promise<Invoice[]> =>
  eventually(async () => {
    const { items } = await customer.call("order.listInvoices", { id });
    return items.length === count ? items.toReversed() : null;
  });
const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0);
/** What documents say together, by rate. */
const byRate = (some: readonly Invoice[]) =>
  Object.fromEntries(
    [1000, 0].map((rate) => {
      const shares = some.flatMap(({ taxes }) => taxes.filter((one) => one.rate === rate));
      return [rate, [sum(shares.map(({ total }) => total.amount)), sum(shares.map(({ tax }) => tax.amount))]];
    }),
  );
const isSum = ({ lines, taxes, total, tax }: Invoice) => {
  expect(sum(lines.map(({ amount }) => amount))).toBe(total.amount);
  expect(sum(taxes.map((one) => one.total.amount))).toBe(total.amount);
  expect(sum(taxes.map((one) => one.tax.amount))).toBe(tax.amount);
};

describe("an order's invoice", () => {
  it("is made of the order as it was paid, with its own lines, taxes and address", async () => {
    const { id, number, total, tax, taxes, shippingAddress } = await order();
    const [invoice] = await documents(id, 1);
    expect(invoice).toMatchObject({ kind: "invoice", orderId: id, orderNumber: number, total, tax });
    expect(invoice!.seller).toEqual(["Madang Ltd.", "세종대로 110"]);
    expect(invoice!.number).toMatch(/^INV-\d{4}-\d{6}$/);
    expect(invoice!.lines.map(({ text, quantity, amount }) => [text.ko, quantity, amount])).toEqual([
      ["Tea", 3, 3300],
      ["Book", 3, 3009],
      ["배송비", undefined, 301],
    ]);
    isSum(invoice!);
    expect(invoice!.taxes.map((one) => [one.rate, one.total, one.tax])).toEqual(
      taxes.map((one) => [one.rate, one.base, one.tax]),
    );
    expect(invoice!.billing).toMatchObject({ name: shippingAddress.name, city: shippingAddress.city });
    expect(await customer.call("order.getInvoice", { id: invoice!.id })).toEqual(invoice);
    expect((await customer.call("order.listOwnInvoices", {})).items).toEqual([invoice]);
    const file = await customer.call("order.getInvoiceDocument", { id: invoice!.id });
    expect(file).toMatchObject({ name: `${invoice!.number}.pdf`, mediaType: "application/pdf" });
    expect(Buffer.from(file.content, "base64").subarray(0, 5).toString()).toBe("%PDF-");
  });

  it("is there for no order that was not captured", async () => {
    await expect(place(tea, { paymentMethod: "tok_declined" })).rejects.toMatchObject({ code: 402 });
    const waiting = (await place(tea, { paymentMethod: "tok_3ds" })).answer;
    await customer.call("order.cancel", { id: waiting.id });
    expect((await customer.call("order.listOwnInvoices", {})).items).toEqual([]);
  });

  it("is made once, however often the capture is told", async () => {
    const { id, total, paymentId } = await order();
    await documents(id, 1);
    const data = { paymentId, orderId: id, userId: customer.id, amount: total };
    const time = new Date().toISOString();
    const cause = {
      time,
      source: "payment",
      subject: `payment:${paymentId}`,
      correlationId: newId(),
      causationId: newId(),
    };
    await localBus(allServices.broker).publish([{ id: newId(), type: "payment.captured", version: 1, ...cause, data }]);
    await documents(id, 1);
  });

  it("is a stranger's 404, and staff's to see", async () => {
    const { id } = await order();
    const [invoice] = await documents(id, 1);
    const stranger = await allServices.person();
    const missing = { code: 404, type: "NOT_FOUND" };
    await expect(stranger.call("order.listInvoices", { id })).rejects.toMatchObject(missing);
    await expect(stranger.call("order.getInvoice", { id: invoice!.id })).rejects.toMatchObject(missing);
    await expect(stranger.call("order.getInvoiceDocument", { id: invoice!.id })).rejects.toMatchObject(missing);
    expect(await staff.call("order.getInvoice", { id: invoice!.id })).toEqual(invoice);
    expect((await staff.call("order.listAllInvoices", { kind: "invoice", limit: 1 })).items).toHaveLength(1);
    await expect(customer.call("order.listAllInvoices", {})).rejects.toMatchObject({ code: 403 });
  });
});

describe("credit notes", () => {
  it("are there for each refund, and together with it take back the order by rate", async () => {
    const { id, paymentId, total } = await order();
    await customer.call("order.cancelItems", { id, items: [{ productId: book, quantity: 1 }] });
    const [invoice, first] = await documents(id, 2);
    expect(first).toMatchObject({
      kind: "credit_note",
      corrects: invoice!.id,
      corrected: invoice!.number,
      lines: [{ quantity: 1 }, { text: { en: "Shipping" } }],
    });
    expect(first!.taxes.map(({ rate }) => rate)).toEqual([0]);
    await staff.call("payment.refund", { id: paymentId!, amount: won(777), reason: "a broken cup" });
    await documents(id, 3);
    await customer.call("order.cancel", { id });
    const [, ...notes] = await documents(id, 4);
    expect(sum(notes.map((note) => note.total.amount))).toBe(total.amount);
    for (const note of notes) isSum(note);
    expect(byRate(notes)).toEqual(byRate([invoice!]));
  });

  it("come after an invoice, also for an order that the release before placed", async () => {
    const { id, paymentId, total } = await order();
    await documents(id, 1);
    await allServices
      .db<OrderTables>("order")
      .write(({ query }) => query.deleteFrom("order_invoices").where("order_id", "=", id).execute());
    await staff.call("payment.refund", { id: paymentId!, amount: won(100), reason: "late" });
    const [invoice, note] = await documents(id, 2);
    expect([invoice!.total, note!.total]).toEqual([total, won(100)]);
    expect(note!.number).toMatch(/^CN-\d{4}-\d{6}$/);
  });

  it("are not there for a dispute that is lost, but for goods of it that come back, though no money moves", async () => {
    const { id, paymentId, total } = (
      await place(tea, { paymentMethod: "tok_dispute_lost", items: [{ productId: tea, quantity: 3 }] })
    ).answer;
    const lost = async () => (await staff.call("payment.get", { id: paymentId! })).lost;
    await eventually(async () => ((await lost())?.amount ?? 0) > 0);
    expect(await lost()).toEqual(total);
    await documents(id, 1);
    await customer.call("order.cancelItems", { id, items: [{ productId: tea, quantity: 1 }] });
    const [invoice, first] = await documents(id, 2);
    expect(first).toMatchObject({
      kind: "credit_note",
      corrects: invoice!.id,
      lines: [{ quantity: 1 }, { text: { en: "Shipping" } }],
    });
    await customer.call("order.cancelItems", { id, items: [{ productId: tea, quantity: 1 }] });
    const [, ...notes] = await documents(id, 3);
    expect(sum(notes.map((note) => note.total.amount))).toBe(Math.floor((total.amount * 2) / 3));
    for (const note of notes) isSum(note);
    expect(await staff.call("payment.get", { id: paymentId! })).toMatchObject({ refunded: won(0), lost: total });
  });
});
