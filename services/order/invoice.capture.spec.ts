/**
 * An order of which points pay a part, and whose money is captured as it is sent: its money, points and documents add up.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Output } from "#core/contract.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import { chargesOf, ordersOf } from "../../test/support/actors/customer-orders.ts";
import { givePoints, pointsOf } from "../../test/support/actors/points.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let tea: string;
let book: string;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_CAPTURE: "shipment" });
  staff = await allServices.person("staff");
  tea = await allServices.product(won(1001), 1000);
  const untaxed = { name: "Book", description: "", price: won(777), stock: 1000, taxRate: 0 };
  book = (await staff.call("product.create", untaxed)).id;
  const rules = [{ name: "Parcel", steps: [{ from: 0, fee: 301 }] }];
  await (await allServices.person("admin")).call("order.setShippingRules", { currency: "KRW", rules });
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
  await givePoints(allServices.db("user"), customer.id, 5000);
});

type Invoice = Output<"order.getInvoice">;
const { place } = ordersOf(() => customer);
const order = async (points?: number) => {
  const items = [
    { productId: tea, quantity: 3 },
    { productId: book, quantity: 1 },
  ];
  return (await place(tea, { items, ...(points !== undefined && { points }) })).answer;
};
const documents = async (id: string) => (await customer.call("order.listInvoices", { id })).items.toReversed();
const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0);
const totalOf = (all: readonly Invoice[], kind: Invoice["kind"]) =>
  sum(all.filter((one) => one.kind === kind).map(({ total }) => total.amount));
/** The provider's books, when the documents say the same. */
const agreed = (id: string) =>
  eventually(async () => {
    const [charge] = await chargesOf(allServices, id);
    const all = await documents(id);
    const isSame =
      totalOf(all, "invoice") === charge!.captured.amount && totalOf(all, "credit_note") === charge!.refunded.amount;
    return isSame && all.length > 0 ? { charge: charge!, all } : null;
  });
const send = async (id: string, state: "shipped" | "delivered" | "lost", productId?: string) => {
  const items = productId === undefined ? {} : { items: [{ productId, quantity: 1 }] };
  const parcel = await staff.call("order.createShipment", { id, ...items });
  await staff.call("order.updateShipment", { id: parcel.id, state });
};

it("adds up over parcels, a cancellation, a lost parcel and a return, and each invoice names what was sent", async () => {
  const { id, total } = await order(1000);
  expect(total).toEqual(won(4081));
  await send(id, "delivered", tea);
  const [first] = (await agreed(id)).all;
  // Points paid a part of everything.
  const price = Math.floor((1001 * 3081) / 4081);
  expect(first!.lines).toMatchObject([
    { text: { en: "Tea" }, quantity: 1, amount: price },
    { text: { en: "Shipping", ko: "배송비" }, amount: first!.total.amount - price },
  ]);
  await customer.call("order.cancelItems", { id, items: [{ productId: tea, quantity: 1 }] });
  await send(id, "lost", book);
  await send(id, "delivered");
  const cause = "unwanted" as const;
  const asked = await customer.call("order.createReturn", { id, items: [{ productId: tea, quantity: 2, cause }] });
  for (const state of ["approved", "received"] as const)
    await staff.call("order.updateReturn", { id: asked.id, state });
  // All came back: what was captured is paid back, and the part that was cancelled was never captured.
  const { charge, all } = await eventually(async () => {
    const books = await agreed(id);
    return books.charge.refunded.amount === books.charge.captured.amount ? books : null;
  });
  await eventually(async () => (await pointsOf(allServices.db("user"), customer.id))[0] === 5000);
  expect(charge.captured.amount).toBeLessThan(3081);
  const invoices = all.filter(({ kind }) => kind === "invoice");
  expect(invoices.map(({ lines }) => lines.map(({ quantity }) => quantity))).toEqual([
    [1, undefined],
    [1, undefined],
    [1, undefined],
  ]);
  for (const { lines, taxes, total: whole } of all) {
    expect(sum(lines.map(({ amount }) => amount))).toBe(whole.amount);
    expect(sum(taxes.map((one) => one.total.amount))).toBe(whole.amount);
  }
});

it("has shipping on lines of their own in a parcel's invoice, which add up by rate", async () => {
  const { id } = await order();
  const items = [tea, book].map((productId) => ({ productId, quantity: 1 }));
  const parcel = await staff.call("order.createShipment", { id, items });
  await staff.call("order.updateShipment", { id: parcel.id, state: "shipped" });
  const [{ lines, taxes } = { lines: [], taxes: [] }] = (await agreed(id)).all;
  const amounts = Object.fromEntries(lines.map(({ text, amount }) => [text.en, amount]));
  expect(amounts).toMatchObject({ Tea: 1001, Book: 777 });
  for (const [name, rate] of [
    ["Tea", 10],
    ["Book", 0],
  ] as const) {
    const said = taxes.find((one) => one.rate === rate * 100)!.total.amount;
    expect(amounts[name]! + amounts[`Shipping, taxed at ${rate}%`]!).toBe(said);
  }
});

it("invoices no more than was captured when a refund is heard of before the captures", async () => {
  const { id, paymentId } = await order();
  const bus = localBus(allServices.broker);
  const tell = (type: string, data: object) =>
    bus.publish([
      {
        id: newId(),
        type,
        version: 1,
        time: new Date().toISOString(),
        source: "payment",
        subject: `payment:${paymentId}`,
        correlationId: newId(),
        causationId: newId(),
        data: { paymentId, orderId: id, userId: customer.id, ...data },
      },
    ]);
  const refund = { refundId: newId(), reason: "late" };
  await tell("payment.refunded", { ...refund, amount: won(500), captured: won(2000) });
  await tell("payment.captured", { amount: won(1500), captured: won(1500) });
  await tell("payment.captured", { amount: won(500), captured: won(2000) });
  await tell("payment.captured", { amount: won(300), captured: won(2300) });
  const all = await eventually(async () => {
    const some = await documents(id);
    return some.length === 3 ? some : null;
  });
  expect(all.map(({ kind, total }) => [kind, total.amount])).toEqual([
    ["invoice", 2000],
    ["credit_note", 500],
    ["invoice", 300],
  ]);
});
