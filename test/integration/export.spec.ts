/** Everything that is kept about somebody, from every service that keeps something. */
import { newId } from "#core/id.ts";
import { address, Client, orderOf } from "../support/actors/client.ts";
import { AllServices, Person, won } from "../support/systems/all-services.ts";

const password = "correct horse battery";

let allServices: AllServices;
let them: Person;
let client: Client;
const email = `${newId()}@example.test`;
beforeAll(async () => {
  allServices = await AllServices.open();
  const seed = { email, password, name: "Mina", language: "en" as const, roles: ["customer" as const] };
  const { id } = await allServices.asService().call("user.seed", seed);
  const { accessToken } = await allServices.broker.call<{ accessToken: string }, object>("user.signIn", {
    email,
    password,
  });
  them = new Person(allServices.broker, id, accessToken);
  client = new Client(allServices.url, accessToken);
});
afterAll(() => allServices.close());

interface Export {
  readonly nextCursor: string | null;
  readonly orders?: readonly { readonly id: string }[];
  readonly [part: string]: unknown;
}
const get = async (query = "") => (await client.get<Export>(`/users/me/export${query}`)).body;

it("has the parts of every service, and nothing of anybody else", async () => {
  const product = await allServices.product(won(1000), 100);
  const { id, paymentId } = await them.call("order.create", orderOf(product));
  const { id: quoteId } = await them.call("order.quote", { items: [{ productId: product, quantity: 2 }] });
  const staff = await allServices.person("staff");
  const refund = await staff.call("payment.refund", { id: paymentId!, amount: won(10), reason: "a scratch" });
  await them.call("order.addCartLine", { productId: product, quantity: 3 });
  const { id: addressId } = await them.call("user.addAddress", address);
  await them.call("payment.saveMethod", { token: "tok_success" });
  const other = await allServices.person();
  await other.call("order.quote", { items: [{ productId: product, quantity: 1 }] });
  const { paymentId: others } = await other.call("order.create", orderOf(product));
  await staff.call("payment.refund", { id: others!, amount: won(10), reason: "a scratch" });
  await them.call("notification.setPreferences", { email: true, sms: false, push: false });
  const productId = await allServices.product(won(1000), 0);
  await them.call("notification.addRestockAlert", { productId });
  expect(await get()).toMatchObject({
    exportedAt: expect.any(String),
    nextCursor: null,
    profile: { email },
    addresses: [{ id: addressId }],
    cart: { items: [{ productId: product, quantity: 3 }] },
    sessions: [{ expiresAt: expect.any(String) }],
    orders: [{ id }],
    quotes: [{ id: quoteId, total: won(2000) }],
    refunds: [{ id: refund.id, reason: "a scratch" }],
    payments: [{ orderId: id }],
    paymentMethods: [{ brand: expect.any(String) }],
    messages: expect.any(Array),
    points: { balance: 0 },
    pointsHistory: [],
    preferences: { email: true },
    pushSubscriptions: [],
    restockAlerts: [{ productId }],
  });
});

it("goes on where one answer ends, and has each thing once", async () => {
  for (const method of ["tok_success", "tok_declined", "tok_success"])
    await them.call("order.create", orderOf(await allServices.product(), 1, method)).catch(() => null);
  const expected = (await them.call("order.list", { limit: 100 })).items.map(({ id }) => id);
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: Export = await get(cursor && `?cursor=${cursor}`);
    seen.push(...(page.orders ?? []).map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(expected);
});

it("refuses a cursor that nobody made", async () => {
  expect((await client.get("/users/me/export?cursor=nonsense")).status).toBe(422);
});
