/**
 * Guests: they order from their cart with an e-mail address, reach the order by its link alone, and may claim it later.
 * @databases sqlite postgres
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DAY } from "#core/clock.ts";
import { withKey } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { forgetGuests } from "./erasure.repository.ts";
import type { OrderTables } from "./order.repository.ts";

let allServices: AllServices;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_GUEST_PAGE: "https://shop.example/guest-order" });
  tea = await allServices.product(won(1000), 1000);
});
afterAll(() => allServices.close());

/** What nobody asks who is signed in. */
const ask = <N extends ActionName>(name: N, params: Input<N>, key = newId()): Promise<Output<N>> =>
  allServices.broker.call(name, params, withKey(key, { meta: { language: "ko" } })) as Promise<Output<N>>;

async function cart(quantity = 2) {
  const { token: cartToken } = await ask("order.createCart", {});
  const { version } = await ask("order.addCartLine", { cartToken, productId: tea, quantity });
  return { cartToken, cart: { version } };
}
const newEmail = () => `mina-${newId().slice(-12)}@shop.example`;
const asking = async (email = newEmail(), paymentMethod = "tok_success") => ({
  ...(await cart()),
  email,
  paymentMethod,
  shippingAddress: address,
});
const place = async (email?: string, paymentMethod?: string) => {
  const { token: orderToken, ...order } = await ask("order.createGuest", await asking(email, paymentMethod));
  return { order, which: { number: order.number!, orderToken } };
};
/** Somebody with an account whose address is verified. */
async function account(email = newEmail()): Promise<Person> {
  const { id } = await allServices.asService().call("user.seed", {
    email,
    password: `secret ${newId()}`,
    name: "Mina",
    roles: ["customer"],
    language: "ko",
    grant: false,
  });
  return allServices.person("customer", id);
}
const missing = { code: 404, type: "NOT_FOUND" };
const mails = () => {
  const folder = join(process.env.DATA_DIR!, "mail");
  return readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
};

describe("a guest", () => {
  it("orders from their cart, which is empty then, at the price that was quoted", async () => {
    const asked = await asking();
    const { cartToken, cart: seen } = asked;
    const quote = await ask("order.quoteGuest", { cartToken, cart: seen, country: "KR" });
    const { token, ...order } = await ask("order.createGuest", { ...asked, quoteId: quote.id });
    expect(order).toMatchObject({ status: "confirmed", total: quote.total, items: [{ productId: tea, quantity: 2 }] });
    expect(await ask("order.getCart", { cartToken })).toMatchObject({ items: [] });
    expect(await ask("order.getGuest", { number: order.number!.toLowerCase(), orderToken: token })).toEqual(order);
    expect(await chargesOf(allServices, order.id)).toMatchObject([{ captured: order.total }]);
    const { items } = await ask("order.getGuestTimeline", { number: order.number!, orderToken: token });
    expect([items[0], items.at(-1)]).toMatchObject([{ step: "placed" }, { step: "confirmed" }]);
    const stranger = ask("order.getGuestTimeline", { number: order.number!, orderToken: `${token.slice(0, -3)}AAA` });
    await expect(stranger).rejects.toMatchObject({ code: 404 });
  });

  it("gets one order for one key, and none for a cart that has changed", async () => {
    const asked = await asking();
    const both = await Promise.all([1, 2].map(() => ask("order.createGuest", asked, "one")));
    expect(both[0]).toEqual(both[1]);
    expect(await ask("order.createGuest", asked, "one")).toEqual(both[0]);
    await expect(ask("order.createGuest", { ...asked, email: newEmail() }, "one")).rejects.toMatchObject({
      type: "IDEMPOTENCY_KEY_REUSED",
    });
    await expect(ask("order.createGuest", asked)).rejects.toMatchObject({ type: "ORDER_CART_CHANGED" });
    const { cartToken: _, ...nobody } = asked;
    await expect(ask("order.createGuest", nobody)).rejects.toMatchObject({ code: 401 });
  });

  it("is written to in the language of the request, with the link, whether the address has an account or not", async () => {
    const emails = [newEmail(), newEmail()];
    await account(emails[1]);
    for (const email of emails) {
      const { which } = await place(email.toUpperCase());
      const link = `https://shop.example/guest-order#order=${which.number}&token=`;
      const mail = await eventually(() => mails().find((text) => text.includes(email) && text.includes(which.number)));
      expect(mail).toMatch(/^Content-Language: ko/im);
      expect(Buffer.from(mail.replaceAll(/=\r?\n/g, "").replaceAll("=3D", "="), "utf8").toString()).toContain(link);
    }
  });

  it("finishes a payment that needs them, and may cancel in part and as a whole", async () => {
    const { order, which } = await place(undefined, "tok_3ds");
    expect(order.status).toBe("pending");
    expect(await ask("order.getGuestPayment", which)).toMatchObject({ status: "requires_action" });
    await ask("order.confirmGuestPayment", which);
    await eventually(async () => (await ask("order.getGuest", which)).status === "confirmed");
    const part = await ask("order.cancelGuestItems", { ...which, items: [{ productId: tea, quantity: 1 }] });
    expect(part.items).toMatchObject([{ cancelled: 1 }]);
    expect(await ask("order.cancelGuest", which)).toMatchObject({ status: "cancelled", reason: "ORDER_CANCELLED" });
    const papers = await eventually(async () => {
      const { items } = await ask("order.listGuestInvoices", which);
      // The whole cancellation may take the refund of the part with it.
      return items.length >= 2 ? items : null;
    });
    const file = await ask("order.getGuestDocument", { ...which, id: papers[0]!.id });
    expect(file.name).toBe(`${papers[0]!.number}.pdf`);
  });

  it("sends back what has arrived", async () => {
    const { order, which } = await place();
    const staff = await allServices.person("staff");
    const parcel = await staff.call("order.createShipment", { id: order.id });
    await staff.call("order.updateShipment", { id: parcel.id, state: "delivered" });
    const back = [{ productId: tea, quantity: 1, cause: "unwanted" as const }];
    const asked = await ask("order.createGuestReturn", { ...which, items: back });
    expect((await ask("order.listGuestReturns", which)).items).toEqual([asked]);
  });
});

describe("a stranger", () => {
  it("finds nothing of a guest's order, with another token, another number or none", async () => {
    const [{ order, which }, other] = [await place(), await place()];
    const [paper] = await eventually(async () => {
      const { items } = await ask("order.listGuestInvoices", which);
      return items.length > 0 ? items : null;
    });
    const { number, orderToken } = which;
    const wrong = [
      { number },
      { number, orderToken: other.which.orderToken },
      { number: other.which.number, orderToken },
    ];
    const items = [{ productId: tea, quantity: 1 }];
    for (const one of wrong) {
      const asked = [
        ask("order.getGuest", one),
        ask("order.getGuestPayment", one),
        ask("order.confirmGuestPayment", one),
        ask("order.cancelGuest", one),
        ask("order.cancelGuestItems", { ...one, items }),
        ask("order.createGuestReturn", { ...one, items: [{ ...items[0]!, cause: "other" }] }),
        ask("order.listGuestReturns", one),
        ask("order.listGuestInvoices", one),
        ask("order.getGuestDocument", { ...one, id: paper!.id }),
      ];
      const answers = await Promise.allSettled(asked);
      expect(answers).toEqual(asked.map(() => ({ status: "rejected", reason: expect.objectContaining(missing) })));
    }
    await expect(ask("order.getGuestDocument", { ...other.which, id: paper!.id })).rejects.toMatchObject(missing);
    const customer = await allServices.person();
    await expect(customer.call("order.get", { id: order.id })).rejects.toMatchObject(missing);
  });

  it("cannot fill somebody's mailbox", async () => {
    const [email, asked] = [newEmail(), await asking()];
    const row = { guest_id: newId(), email, language: "en" as const, created_at: Date.now() };
    const many = await Promise.all(Array.from({ length: 20 }, () => place()));
    const ids = many.map(({ order }) => order.id);
    await allServices
      .db<OrderTables>("order")
      .write(({ query }) => query.updateTable("guest_orders").set(row).where("order_id", "in", ids).execute());
    await expect(ask("order.createGuest", { ...asked, email })).rejects.toMatchObject({ code: 429 });
  });
});

describe("order.claimGuest", () => {
  it("takes the order, its payment, documents and returns into the account of its verified address, once", async () => {
    const email = newEmail();
    const { order, which } = await place(email.toUpperCase());
    const { number } = which;
    const me = await account(email);
    const claimed = await Promise.all([1, 2, 3].map(() => me.call("order.claimGuest", { number })));
    for (const one of claimed) expect(one).toMatchObject({ id: order.id, version: order.version + 1 });
    expect((await me.call("order.list", {})).items).toMatchObject([{ id: order.id }]);
    await eventually(async () => (await me.call("payment.list", {})).items.length === 1);
    await eventually(async () => (await me.call("order.listOwnInvoices", {})).items.length === 1);
    await expect(ask("order.getGuest", which)).rejects.toMatchObject(missing);
    expect(await me.call("order.claimGuest", { number })).toMatchObject({ id: order.id });
    expect(await me.call("order.cancel", { id: order.id })).toMatchObject({ status: "cancelled" });
    const told = await eventually(() =>
      allServices.events.find(({ type, subject }) => type === "order.cancelled" && subject === `order:${order.id}`),
    );
    expect(told.data).toMatchObject({ userId: me.id });
  });

  it("gives nobody what was placed with another address, or by somebody whose own is not verified", async () => {
    const email = newEmail();
    const { which } = await place(email);
    const { number } = which;
    await expect((await account()).call("order.claimGuest", { number })).rejects.toMatchObject(missing);
    const someone = { email, password: `secret ${newId()}`, name: "Mina", language: "ko" as const };
    const { id } = await ask("user.signUp", someone);
    const unverified = { code: 409, type: "ORDER_EMAIL_UNVERIFIED" };
    for (const one of [number, "M-2026-999999"]) {
      const claim = (await allServices.person("customer", id)).call("order.claimGuest", { number: one });
      await expect(claim).rejects.toMatchObject(unverified);
    }
  });

  it("waits for an order that is under way", async () => {
    const email = newEmail();
    const { which } = await place(email, "tok_3ds");
    const me = await account(email);
    const early = me.call("order.claimGuest", { number: which.number });
    await expect(early).rejects.toMatchObject({ type: "ORDER_NOT_CLAIMABLE" });
    await ask("order.cancelGuest", which);
    await eventually(async () => (await ask("order.getGuest", which)).status === "cancelled");
    expect(await me.call("order.claimGuest", { number: which.number })).toMatchObject({ status: "cancelled" });
  });
});

describe("an order whose time is over", () => {
  it("loses what is personal, and its link", async () => {
    const email = newEmail();
    const { order, which } = await place(email);
    await eventually(async () => (await ask("order.listGuestInvoices", which)).items.length === 1);
    const db = allServices.db<OrderTables>("order");
    const old = { created_at: Date.now() - 400 * DAY };
    await db.write(({ query }) =>
      query.updateTable("guest_orders").set(old).where("order_id", "=", order.id).execute(),
    );
    const service = allServices.service<ThisParameterType<typeof forgetGuests>>("order");
    await forgetGuests.call(service, allServices.asService() as never, Date.now() - 365 * DAY);
    await expect(ask("order.getGuest", which)).rejects.toMatchObject(missing);
    const staff = await allServices.person("staff");
    expect((await staff.call("order.get", { id: order.id })).shippingAddress).toMatchObject({ name: "-", city: "-" });
    const [paper] = (await staff.call("order.listInvoices", { id: order.id })).items;
    expect(paper).not.toHaveProperty("billing");
    await expect((await account(email)).call("order.claimGuest", { number: which.number })).rejects.toMatchObject(
      missing,
    );
  });
});
