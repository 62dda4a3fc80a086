/**
 * Goods and films in one order: what they cost, who has the film and when, and how it is taken back with its money.
 * @databases sqlite postgres
 */
import type { Input, Output } from "#core/contract.ts";
import { HOUR, now, timestamp } from "#core/clock.ts";
import { withKey } from "#core/context.ts";
import { newId } from "#core/id.ts";
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";

let all: AllServices;
let staff: Person;
let tea: string;
let me: Person;
let profileId: string;
beforeAll(async () => {
  all = await AllServices.open();
  staff = await all.person("staff");
  tea = await all.product(won(1000), 500);
});
afterAll(() => all.close());
beforeEach(async () => {
  me = await all.person();
  profileId = (await me.call("account.addProfile", { name: "Viewer" })).id;
});

type NewOrder = Input<"order.create">;
type Order = Output<"order.get">;

const withFilm = (videoId: string, more: Partial<NewOrder> = {}): NewOrder => ({
  items: [{ productId: tea, quantity: 2 }],
  titles: [{ videoId, kind: "buy" }],
  paymentMethod: "tok_success",
  shippingAddress: address,
  ...more,
});
const place = (videoId: string, more?: Partial<NewOrder>, who = me) =>
  who.call("order.create", withFilm(videoId, more));
const get = ({ id }: Order) => me.call("order.get", { id });
const entitle = (videoId: string) =>
  all.asService(me.id).call("account.entitle", { userId: me.id, profileId, videoId });
const purchases = async () => (await me.call("account.listPurchases", {})).items;
const money = async ({ id }: Pick<Order, "id">) => {
  const [charge] = await chargesOf(all, id);
  return [charge!.captured.amount, charge!.refunded.amount];
};
const unit = (productId: string, quantity = 1) => [{ productId, quantity }];
const refuses = (code: string, data?: object) => ({ type: `ORDER_${code}`, ...(data && { data }) });
const notEntitled = { type: "ACCOUNT_NOT_ENTITLED" };
const send = async ({ id }: Order) => {
  const parcel = await staff.call("order.createShipment", { id });
  await staff.call("order.updateShipment", { id: parcel.id, state: "delivered" });
};

describe("an order of goods and a film", () => {
  it("is charged once, its film can be watched at once, and its parcel holds the goods alone", async () => {
    const steps = [
      { from: 0, fee: 3000 },
      { from: 5000, fee: 0 },
    ];
    await staff.call("order.setShippingRules", { currency: "KRW", rules: [{ name: "Parcel", steps }] });
    const videoId = await all.film({ buy: won(9900) });
    const { id: quoteId, ...quote } = await me.call("order.quote", {
      items: unit(tea, 2),
      titles: [{ videoId, kind: "buy" }],
    });
    // The film does not make the parcel cheaper.
    expect(quote).toMatchObject({ subtotal: won(11_900), shipping: won(3000), total: won(14_900) });
    const order = await place(videoId, { quoteId });
    await staff.call("order.setShippingRules", { currency: "KRW", rules: [] });
    expect(order).toMatchObject({
      status: "confirmed",
      items: [
        { productId: tea },
        { productId: videoId, name: "Rain", title: { kind: "buy" }, taxRate: 1000, tax: won(900) },
      ],
    });
    expect(order.items[0]!.title).toBeUndefined();
    expect(await entitle(videoId)).toMatchObject({ source: "purchase" });
    expect(await purchases()).toMatchObject([{ videoId, status: "granted", orderId: order.id, invoiceId: order.id }]);
    expect(await money(order)).toEqual([14_900, 0]);
    expect(await get(order)).toMatchObject({ status: "confirmed", items: [{}, { shipped: 1, delivered: 1 }] });
    await send(order);
    expect(await get(order)).toMatchObject({
      status: "delivered",
      shipments: [{ items: [{ productId: tea, quantity: 2 }] }],
    });
    const { items: invoices } = await me.call("order.listInvoices", { id: order.id });
    expect(invoices[0]!.lines.map(({ amount }) => amount)).toEqual([2000, 9900, 3000]);

    // The shipping is the goods': the film gives back what it cost.
    await staff.call("order.cancelItems", { id: order.id, items: unit(videoId) });
    await eventually(async () => (await money(order))[1] === 9900);
    await eventually(async () => (await purchases())[0]!.status === "returned");
    await expect(entitle(videoId)).rejects.toMatchObject(notEntitled);
    expect(await get(order)).toMatchObject({ status: "delivered", items: [{}, { returned: 1 }] });
    // What was given back can be had again.
    expect(await place(videoId)).toMatchObject({ status: "confirmed" });
  });

  it("keeps a film that was granted from its customer's cancellation, and gives the goods back alone", async () => {
    const videoId = await all.film({ buy: won(9900) });
    const order = await place(videoId);
    const refusal = refuses("TITLE_GRANTED", { videoIds: [videoId] });
    await expect(me.call("order.cancel", { id: order.id })).rejects.toMatchObject(refusal);
    await expect(me.call("order.cancelItems", { id: order.id, items: unit(videoId) })).rejects.toMatchObject(refusal);
    await expect(
      me.call("order.createReturn", { id: order.id, items: [{ ...unit(videoId)[0]!, cause: "unwanted" }] }),
    ).rejects.toMatchObject(refuses("NOT_RETURNABLE"));
    expect(await me.call("order.cancelItems", { id: order.id, items: unit(tea, 2) })).toMatchObject({
      status: "delivered",
    });
    await eventually(async () => (await money(order))[1] === 2000);
    expect(await entitle(videoId)).toMatchObject({ source: "purchase" });
    expect(await staff.call("order.cancelItems", { id: order.id, items: unit(videoId) })).toMatchObject({
      status: "returned",
    });
    await eventually(async () => (await money(order))[1] === 11_900);
    await expect(entitle(videoId)).rejects.toMatchObject(notEntitled);
  });

  it("is undone as a whole by staff, also when they name all of its units", async () => {
    const videoId = await all.film({ buy: won(9900) });
    for (const undo of [
      (id: string) => staff.call("order.cancel", { id }),
      (id: string) => staff.call("order.cancelItems", { id, items: [...unit(tea, 2), ...unit(videoId)] }),
    ]) {
      const order = await place(videoId);
      expect(await undo(order.id)).toMatchObject({ status: "cancelled" });
      expect(await money(order)).toEqual([11_900, 11_900]);
      await expect(entitle(videoId)).rejects.toMatchObject(notEntitled);
    }
    expect((await purchases()).map(({ status }) => status)).toEqual(["returned", "returned"]);
  });

  it("holds the film for nobody when its payment is declined, so that another card can pay at once", async () => {
    const videoId = await all.film({ buy: won(9900) });
    await expect(place(videoId, { paymentMethod: "tok_declined" })).rejects.toMatchObject(refuses("PAYMENT_DECLINED"));
    await expect(entitle(videoId)).rejects.toMatchObject(notEntitled);
    expect(await place(videoId)).toMatchObject({ status: "confirmed" });
    expect((await purchases()).map(({ status }) => status)).toEqual(["granted", "refused"]);
  });

  it("takes its goods from the cart, and leaves the film out of it", async () => {
    const videoId = await all.film({ buy: won(9900) });
    const cart = await me.call("order.addCartLine", { productId: tea, quantity: 1 });
    const { items: _, ...rest } = withFilm(videoId);
    const order = await me.call("order.create", { ...rest, cart: { version: cart.version } });
    expect(order.items.map(({ productId }) => productId)).toEqual([tea, videoId]);
  });
});

describe("an order of films alone", () => {
  it("has no shipping and no stock, and is delivered when they are granted", async () => {
    await staff.call("order.setShippingRules", {
      currency: "KRW",
      rules: [{ name: "Parcel", steps: [{ from: 0, fee: 3000 }] }],
    });
    const [bought, rented] = [await all.film({ buy: won(9900) }), await all.film({ rent: won(2900), rentHours: 48 })];
    const titles = [
      { videoId: bought, kind: "buy" as const },
      { videoId: rented, kind: "rent" as const },
    ];
    const { items: _, ...order } = withFilm(bought, { titles });
    const placed = await me.call("order.create", order);
    await staff.call("order.setShippingRules", { currency: "KRW", rules: [] });
    expect(placed).toMatchObject({ shipping: won(0), total: won(12_800) });
    expect(placed.items[1]).toMatchObject({ name: "Rain (48 h)", title: { kind: "rent", hours: 48 } });
    expect(await get(placed)).toMatchObject({ status: "delivered", version: 3 });
    const { until } = await entitle(rented);
    expect(Date.parse(until!)).toBeGreaterThan(now() + 47 * HOUR);
    await expect(staff.call("order.createShipment", { id: placed.id })).rejects.toMatchObject(
      refuses("UNITS_UNAVAILABLE"),
    );
    await staff.call("order.cancelItems", { id: placed.id, items: unit(rented) });
    await eventually(async () => (await money(placed))[1] === 2900);
    expect(await get(placed)).toMatchObject({ status: "delivered" });
    await staff.call("order.cancelItems", { id: placed.id, items: unit(bought) });
    await eventually(async () => (await money(placed))[1] === 12_800);
    expect(await get(placed)).toMatchObject({ status: "returned" });
  });
});

describe("an order with a film that cannot be sold", () => {
  const nothingCharged = async () => expect((await me.call("payment.list", {})).items).toEqual([]);

  it("is refused before money moves, naming the film", async () => {
    const videoId = await all.film({ rent: won(2900), rentHours: 48 });
    await expect(place(videoId)).rejects.toMatchObject(refuses("TITLE_NOT_OFFERED", { videoId }));
    const unknown = newId();
    await expect(place(unknown)).rejects.toMatchObject(refuses("TITLE_NOT_OFFERED", { videoId: unknown }));
    const korean = await all.film({ buy: won(9900) }, [{ regions: ["KR"] }]);
    const ending = await all.film({ buy: won(9900) }, [{ until: timestamp(now() + 60_000) }]);
    me.region = "US";
    await expect(place(korean)).rejects.toMatchObject(refuses("TITLE_NOT_AVAILABLE", { videoId: korean }));
    await expect(place(ending)).rejects.toMatchObject(refuses("TITLE_NOT_AVAILABLE"));
    const twice = { titles: ["buy", "rent"].map((kind) => ({ videoId, kind: kind as "buy" })) };
    await expect(place(videoId, twice)).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
    await nothingCharged();
  });

  it("is refused for one that the customer has, and of ten at once one is charged and granted", async () => {
    const videoId = await all.film({ buy: won(9900) });
    const buy = () => me.call("account.buy", { videoId, kind: "buy", paymentMethod: "tok_success" });
    const asked = await Promise.allSettled(
      Array.from({ length: 10 }, (_, at) => (at % 3 === 2 ? buy() : place(videoId))),
    );
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refusals = asked.flatMap((one) => (one.status === "rejected" ? [(one.reason as { type: string }).type] : []));
    expect(new Set([...refusals, "ORDER_TITLE_OWNED", "ACCOUNT_ALREADY_OWNED"])).toEqual(
      new Set(["ORDER_TITLE_OWNED", "ACCOUNT_ALREADY_OWNED"]),
    );
    await expect(place(videoId)).rejects.toMatchObject(refuses("TITLE_OWNED", { videoId }));
    expect((await purchases()).filter(({ status }) => status === "granted")).toHaveLength(1);
    const { items } = await me.call("payment.list", {});
    expect(items.filter(({ captured }) => captured.amount > 0)).toHaveLength(1);
  });

  it("is refused for guests, who have no account to watch it with", async () => {
    const { token: cartToken } = await all.broker.call<{ token: string }, object>(
      "order.createCart",
      {},
      withKey(newId(), { meta: {} }),
    );
    const titles = [{ videoId: await all.film({ buy: won(9900) }), kind: "buy" }];
    const quoting = all.broker.call(
      "order.quoteGuest",
      { cartToken, cart: { version: 1 }, titles },
      withKey(newId(), { meta: {} }),
    );
    await expect(quoting).rejects.toMatchObject(refuses("TITLES_NEED_ACCOUNT"));
  });
});
