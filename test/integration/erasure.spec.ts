/**
 * Somebody leaves: every table and every file of the data folder is searched for what they were called and where they lived.
 * @databases sqlite postgres
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "#core/id.ts";
import { browserKeys } from "../support/fixtures/browser-keys.ts";
import { AllDatabases } from "../support/invariants/all-databases.ts";
import { answerWrongly } from "../support/faults/wrong-provider-answers.ts";
import { AllServices, Person, won } from "../support/systems/all-services.ts";
import { eventually } from "../support/fixtures/eventually.ts";

const services = ["user", "product", "order", "payment", "notification"];
const password = "correct horse battery";
const personal = {
  email: "xanthippe.unvergessen@example.test",
  name: "Xanthippe Unvergessen",
  phone: "+82 10 5551 7777",
  street: "무궁화꽃길 7777",
  recipient: "Xenophon Unvergessen",
  endpoint: "https://push.example.test/of-xanthippe",
};

let allServices: AllServices;
let them: Person;
beforeAll(async () => {
  allServices = await AllServices.open({ SMS_URLS: "" });
});
afterAll(() => allServices.close());

/** Every file below the data folder, mails as they are read. */
function files(): [name: string, content: string][] {
  const folder = process.env.DATA_DIR!;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const text = readFileSync(join(parentPath, name)).toString();
      const encoded = text.match(/^(?:[A-Za-z0-9+/]{76}\r?\n)+[A-Za-z0-9+/]+=*$/gm) ?? [];
      return [name, [text, ...encoded.map((lines) => Buffer.from(lines, "base64").toString())].join("\n")];
    });
}

/** Every table of every service. */
async function tables(): Promise<[name: string, content: string][]> {
  const dataDir = process.env.DATA_DIR!;
  const url = process.env.DATABASE_URL;
  const databases = url && Object.fromEntries(services.map((name) => [name, url.replace("{service}", name)]));
  const books = await AllDatabases.open(databases ? { dataDir, databases } : { dataDir }, "");
  const found = books.names
    .flatMap((name) => books.tablesOf(name))
    .map((table): [string, string] => [table, JSON.stringify(books.rows(`select * from ${table}`))]);
  books.close();
  return found;
}

/** Where something personal stands. */
async function found(): Promise<string[]> {
  const places = [...files(), ...(await tables())];
  return places.flatMap(([where, content]) =>
    Object.entries(personal).flatMap(([what, value]) => (content.includes(value) ? [`${what} in ${where}`] : [])),
  );
}

const address = {
  name: personal.recipient,
  line1: personal.street,
  city: "서울",
  postalCode: "04524",
  country: "KR",
  phone: personal.phone,
};

async function buy(paymentMethod: string): Promise<string> {
  const items = [{ productId: await allServices.product(won(1000), 10), quantity: 1 }];
  await them.call("order.quote", { items });
  await them.call("order.create", { items, paymentMethod, shippingAddress: address }).catch(() => null);
  return (await them.call("order.list", {})).items[0]!.id;
}

async function arrive(): Promise<string> {
  const { email, name } = personal;
  // Known to own the address: others get no messages.
  const seed = { email, password, name, language: "en" as const, roles: ["customer" as const] };
  const { id } = await allServices.asService().call("user.seed", seed);
  const signedIn = await allServices.broker.call<{ accessToken: string }, object>("user.signIn", { email, password });
  them = new Person(allServices.broker, id, signedIn.accessToken);
  return id;
}

/** Where something personal stands, without the ids in file names. */
const places = async () => (await found()).map((one) => one.replace(/[\da-f-]{36}/, "id"));
const isGone = () =>
  eventually(async () => (await found()).length === 0, 30_000).catch(async () => expect(await found()).toEqual([]));

it("leaves nothing personal, and what was sold for how much", async () => {
  const { name, phone, endpoint } = personal;
  const id = await arrive();
  await them.call("user.editProfile", { phone });
  await them.call("user.addAddress", address);
  await them.call("notification.setPreferences", { email: true, sms: true, push: true });
  await them.call("notification.subscribe", { endpoint, keys: browserKeys });
  await them.call("notification.addRestockAlert", { productId: await allServices.product(won(1000), 0) });
  await them.call("payment.saveMethod", { token: "tok_success" });
  const confirmed = await buy("tok_success");
  await buy("tok_declined");
  const cancelled = await buy("tok_success");
  await them.call("order.cancel", { id: cancelled });
  const waiting = await buy("tok_3ds");
  const admin = await allServices.person("admin");
  const order = async (orderId: string) => admin.call("order.get", { id: orderId });
  const { paymentId } = await order(confirmed);
  await admin.call("payment.refund", { id: paymentId!, amount: won(100), reason: `${name} called from ${phone}` });
  // Otherwise nothing would be proved below.
  const expected = [
    "email in id.eml",
    "name in id.eml",
    "phone in id.json",
    "endpoint in id.json",
    'street in "user"."addresses"',
    ...["name", "phone"].map((what) => `${what} in "payment"."refunds"`),
    ...['"order"."orders"', '"order"."sagas"', '"order"."idempotency_keys"'].map((table) => `recipient in ${table}`),
  ];
  await eventually(async () => {
    const now = await places();
    return expected.every((one) => now.includes(one));
  }, 20_000).catch(async () => {
    const now = await places();
    expect(expected.filter((one) => !now.includes(one))).toEqual([]);
  });

  // Those that are away when it is told do it when they are back.
  for (const one of ["order", "notification"]) await allServices.remove(one);
  await them.call("user.erase", { password });
  for (const one of ["notification", "order"]) await allServices.restore(one);
  await isGone();

  expect(await order(confirmed)).toMatchObject({
    status: "confirmed",
    total: won(1000),
    shippingAddress: { country: "KR" },
  });
  expect((await order(cancelled)).status).toBe("cancelled");
  expect((await order(waiting)).status).toBe("cancelled");
  expect(await admin.call("payment.get", { id: paymentId! })).toMatchObject({
    captured: won(1000),
    refunded: won(100),
  });
  const rows = await tables();
  const table = (one: string) => rows.find(([where]) => where.endsWith(`."${one}"`))![1];
  for (const one of ["payment_methods", "push_subscriptions", "restock_alerts", "quotes"])
    expect(table(one)).not.toContain(id);
});

it("keeps the address of an order that needs attention until staff have ended it", async () => {
  await arrive();
  await answerWrongly((charge) => ({ ...charge, captured: 1 }), "capture", "retrieve");
  const parked = await buy("tok_success");
  expect(await them.call("order.get", { id: parked })).toMatchObject({ status: "needs_attention" });
  await them.call("user.erase", { password });
  jest.restoreAllMocks();
  const kept = ["orders", "sagas"].flatMap((table) =>
    ["phone", "street", "recipient"].map((what) => `${what} in "order"."${table}"`),
  );
  const left = async () => (await places()).filter((one) => one.includes('"')).toSorted();
  await eventually(async () => (await left()).join() === kept.toSorted().join(), 30_000).catch(async () =>
    expect(await left()).toEqual(kept.toSorted()),
  );
  const admin = await allServices.person("admin");
  const note = `${personal.name} wants it no more`;
  expect(await admin.call("order.settle", { id: parked, status: "cancelled", note })).toMatchObject({
    status: "cancelled",
  });
  await isGone();
});

it("finds what a request brings that was still under way, and ends once nothing can come any more", async () => {
  const userId = newId();
  const late = await allServices.person("customer", userId);
  const event = { id: newId(), type: "user.deleted", version: 1, time: new Date().toISOString(), source: "user" };
  const { localBus } = await import("#mixins/bus/local.bus.ts");
  await localBus(allServices.broker).publish([
    { ...event, subject: `user:${userId}`, correlationId: newId(), causationId: newId(), data: { userId } },
  ]);
  await late.call("payment.saveMethod", { token: "tok_success" });
  const listed = async () => (await late.call("payment.listMethods", {})).items.length;
  await eventually(async () => (await listed()) === 0, 20_000);
});
