/**
 * Several orders from one guest's cart: each is its own, whatever the others are.
 * @databases sqlite postgres
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DAY } from "#core/clock.ts";
import { withKey } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { address } from "../../test/support/actors/client.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { forgetGuests } from "./erasure.repository.ts";
import type { OrderTables } from "./order.repository.ts";

let allServices: AllServices;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open({ NOTIFICATION_API_URL: "https://api.shop.example" });
  tea = await allServices.product(won(1000), 1000);
});
afterAll(() => allServices.close());

const ask = <N extends ActionName>(name: N, params: Input<N>, key = newId()): Promise<Output<N>> =>
  allServices.broker.call(name, params, withKey(key)) as Promise<Output<N>>;
const newEmail = () => `mina-${newId().slice(-12)}@shop.example`;
const SPAM = "Visit evil.example now";

async function place(cartToken: string, email: string, paymentMethod = "tok_success") {
  const cart = { version: (await ask("order.addCartLine", { cartToken, productId: tea, quantity: 1 })).version };
  const shippingAddress = { ...address, line1: SPAM };
  return ask("order.createGuest", { cartToken, cart, email, paymentMethod, shippingAddress });
}
const newCart = async () => (await ask("order.createCart", {})).token;
/** All that was sent to an address, decoded. */
const mailsTo = (email: string) => {
  const folder = join(process.env.DATA_DIR!, "mail");
  const all = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  const decoded = all.map((text) => text.replaceAll(/=\r?\n/g, "").replaceAll("=3D", "="));
  return decoded.filter((text) => text.includes(`To: ${email}`));
};
const account = async (email: string): Promise<Person> => {
  const seed = { email, password: `secret ${newId()}`, name: "Mina", roles: ["customer" as const], grant: false };
  const { id } = await allServices.asService().call("user.seed", { ...seed, language: "en" });
  return allServices.person("customer", id);
};

it("tell each address of its own order alone, and nothing that the guest has written", async () => {
  const cartToken = await newCart();
  const emails = [newEmail(), newEmail()];
  const orders = [await place(cartToken, emails[0]!), await place(cartToken, emails[1]!)];
  for (const [at, email] of emails.entries()) {
    const mails = await eventually(() => (mailsTo(email).length >= 2 ? mailsTo(email) : null));
    expect(mails.every((text) => text.includes(orders[at]!.number!))).toBe(true);
    expect(mails.some((text) => text.includes(orders[1 - at]!.number!))).toBe(false);
    expect(mails.join()).not.toContain("evil.example");
  }
});

it("stop reaching an address that has stopped them, whichever cart they come from", async () => {
  const email = newEmail();
  await place(await newCart(), email);
  const mail = await eventually(() => mailsTo(email).find((text) => text.includes("unsubscriptions/")));
  const kinds = await eventually(() => {
    const found = mailsTo(email).map((text) => /unsubscriptions\/([\w-]+)/.exec(text)?.[1]);
    return new Set(found).size >= 2 ? [...new Set(found)] : null;
  });
  expect(mail).toBeDefined();
  for (const token of kinds)
    await ask("notification.withdraw", { token: token!, headers: {}, body: "List-Unsubscribe=One-Click" });
  const before = mailsTo(email).length;
  const { id } = await place(await newCart(), email.toUpperCase());
  await expect(place(await newCart(), email, "tok_declined")).rejects.toMatchObject({ code: 402 });
  const log = allServices.db<{ deliveries: { data: string; status: string } }>("notification");
  const rows = () => log.query.selectFrom("deliveries").select("status").where("data", "like", `%${id}%`).execute();
  await eventually(async () => {
    const all = await rows();
    return all.length >= 2 && all.every(({ status }) => status === "suppressed");
  });
  expect(mailsTo(email)).toHaveLength(before);
});

it("are erased one by one, as their time comes", async () => {
  const cartToken = await newCart();
  const [old, young] = [await place(cartToken, newEmail()), await place(cartToken, newEmail())];
  const db = allServices.db<OrderTables>("order");
  const past = { created_at: Date.now() - 400 * DAY };
  await db.write(({ query }) => query.updateTable("guest_orders").set(past).where("order_id", "=", old.id).execute());
  const service = allServices.service<ThisParameterType<typeof forgetGuests>>("order");
  const forget = () => forgetGuests.call(service, allServices.asService() as never, Date.now() - 365 * DAY);
  const tokens = async () => {
    const payments = allServices.db<{ payments: { order_id: string; token: string | null } }>("payment");
    const rows = await payments.query.selectFrom("payments").select(["order_id", "token"]).execute();
    return [old, young].map(({ id }) => rows.find((row) => row.order_id === id)!.token);
  };
  expect(await tokens()).not.toContain(null);
  await forget();
  await eventually(async () => (await tokens())[0] === null);
  expect((await tokens())[1]).not.toBeNull();
  expect(await ask("order.getGuest", { number: young.number!, orderToken: young.token })).toMatchObject({
    shippingAddress: { line1: SPAM },
  });
  await db.write(({ query }) => query.updateTable("guest_orders").set(past).where("order_id", "=", young.id).execute());
  await forget();
  await eventually(async () => (await tokens())[1] === null);
});

it("are claimed in the version that was seen alone", async () => {
  const email = newEmail();
  const { number, version } = await place(await newCart(), email);
  const me = await account(email);
  const stale = { type: "STALE_VERSION" };
  const claim = (seen: number) => me.call("order.claimGuest", { number: number!, version: seen });
  await expect(claim(version + 1)).rejects.toMatchObject(stale);
  const claimed = await claim(version);
  expect(claimed.version).toBe(version + 1);
  await expect(claim(version)).rejects.toMatchObject(stale);
  expect(await claim(claimed.version)).toEqual(claimed);
});

it("are kept by no cache that others share, and neither is the cart", async () => {
  const cartToken = await newCart();
  const { number, token } = await place(cartToken, newEmail());
  const asked: [path: string, headers: Record<string, string>][] = [
    ["/cart", { "cart-token": cartToken }],
    [`/guest-orders/${number}`, { "order-token": token }],
  ];
  for (const [path, headers] of asked) {
    const { status, headers: answered } = await fetch(`${allServices.url}/api/v1${path}`, { headers });
    expect([status, answered.get("cache-control")]).toEqual([200, "private, no-cache"]);
  }
});
