/**
 * Every POST that is sent an `Idempotency-Key` honours it: one thing, one answer. The contract says which do not, and why.
 * @databases sqlite postgres
 */
import { HOUR, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { storageOf } from "#mixins/storage/open.ts";
import { address, Client, orderOf } from "../support/actors/client.ts";
import { answerWrongly } from "../support/faults/wrong-provider-answers.ts";
import { planOf } from "../support/systems/account-service.ts";
import { AllServices, type Person, type Role, won } from "../support/systems/all-services.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { delivered, orderCases } from "../support/fixtures/order-cases.ts";
import { templateContent } from "../support/fixtures/notification-cases.ts";
import { inVariants, partOf, pictures } from "../support/fixtures/product-cases.ts";
import { webhookDelivery, webhookEndpoint } from "../support/fixtures/webhook-cases.ts";
import { contracts } from "../support/fixtures/source.ts";

let allServices: AllServices;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_ANSWER_BUDGET: "8000", PAYMENT_PROVIDER_TIMEOUT: "4000" });
});
afterAll(() => allServices.close());

interface Case {
  readonly role?: Role;
  readonly path?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Another request, which the same key must not answer. */
  readonly other?: object;
}
type Make = (owner: Person) => Promise<Case> | Case;

const send = ({ token }: Person, path: string, body: object | undefined, key: string, headers: object = {}) =>
  new Client(allServices.url, token).send<{ code?: string }>("POST", path, {
    body,
    headers: { ...headers, "idempotency-key": key },
  });
const confirmed = async (owner: Person, method = "tok_success") =>
  owner.call("order.create", orderOf(await allServices.product(), 1, method));

async function parked(owner: Person): Promise<string> {
  await answerWrongly((charge) => ({ ...charge, captured: 1 }), "capture", "retrieve");
  const { id, status } = await confirmed(owner);
  expect(status).toBe("needs_attention");
  jest.restoreAllMocks();
  return id;
}

const plan = () => planOf(`plan-${newId().slice(-12)}`, 7900);

/** A subscription that is paid for. */
const subscribe = async (owner: Person, paymentMethod = "tok_success") =>
  owner.call("account.subscribe", { planId: await allServices.plan(7900, { trialDays: 0 }), paymentMethod });

async function parkedInvoice(owner: Person): Promise<string> {
  await answerWrongly((charge) => ({ ...charge, captured: 1 }), "capture", "retrieve");
  await subscribe(owner);
  jest.restoreAllMocks();
  const { items } = await owner.call("account.listInvoices", {});
  return items[0]!.id;
}

const cases: Readonly<Record<string, Make>> = {
  "content.create": () => ({
    role: "staff",
    body: { kind: "film", titles: { en: { title: "Yard" } }, rating: 0 },
    other: { kind: "film", titles: { en: { title: "Yard" } }, rating: 1 },
  }),
  "content.createEncoding": async () => {
    const staff = await allServices.person("staff");
    const { id } = await staff.call("content.create", { kind: "film", titles: { en: { title: "Yard" } }, rating: 0 });
    const sourceId = newId();
    await (await storageOf(allServices.broker)).put(`sources/${sourceId}`, Buffer.from("no film"));
    return { role: "staff", path: { id }, body: { sourceId }, other: { sourceId, publish: true } };
  },
  "content.createPerson": () => ({ role: "staff", body: { name: "Han" }, other: { name: "Bae" } }),
  "account.buy": async () => {
    const body = { videoId: await allServices.film({ buy: won(9900) }), kind: "buy", paymentMethod: "tok_success" };
    return { body, other: { ...body, kind: "rent" } };
  },
  "account.createPlan": () => ({ role: "staff", body: plan(), other: plan() }),
  "account.advance": () => {
    const clock = (hours: number) => ({ userId: newId(), to: timestamp(Date.now() + hours * HOUR) });
    return { role: "admin", body: clock(1), other: clock(2) };
  },
  "account.pause": async (owner) => {
    await subscribe(owner);
    return {};
  },
  "account.resume": async (owner) => {
    await subscribe(owner);
    await owner.call("account.pause", {});
    return {};
  },
  "account.retryInvoice": async (owner) => ({ role: "staff", path: { id: await parkedInvoice(owner) } }),
  "account.settleInvoice": async (owner) => ({
    role: "admin",
    path: { id: await parkedInvoice(owner) },
    body: { status: "failed" },
    other: { status: "paid" },
  }),
  "account.subscribe": async () => {
    const planIds = await Promise.all([allServices.plan(), allServices.plan()]);
    const [body, other] = planIds.map((planId) => ({ planId, paymentMethod: "tok_success" }));
    return { body: body!, other: other! };
  },
  "order.addCartLine": async () => {
    const productId = await allServices.product();
    return { body: { productId, quantity: 1 }, other: { productId, quantity: 2 } };
  },
  "order.mergeCart": async (owner) => ({
    headers: { "cart-token": (await owner.call("order.createCart", {})).token },
  }),
  "order.addNote": async (owner) => ({
    role: "staff",
    path: { id: (await confirmed(owner)).id },
    body: { text: "Called back" },
    other: { text: "Called again" },
  }),
  "order.cancel": async (owner) => ({ path: { id: (await confirmed(owner)).id } }),
  "order.cancelItems": async (owner) => {
    const { id, items } = await owner.call("order.create", orderOf(await allServices.product(), 3));
    const units = (quantity: number) => ({ items: [{ productId: items[0]!.productId, quantity }] });
    return { path: { id }, body: units(1), other: units(2) };
  },
  "order.createShipment": async (owner) => ({
    role: "staff",
    path: { id: (await confirmed(owner)).id },
    body: { carrier: "ems" },
    other: { carrier: "dhl" },
  }),
  "order.createReturn": async (owner) => {
    const { id, items } = await delivered(owner, allServices);
    const body = (note: string) => ({ items, note });
    return { path: { id }, body: body("Too small"), other: body("Too large") };
  },
  "order.create": async () => {
    const product = await allServices.product();
    return { body: orderOf(product), other: orderOf(product, 2) };
  },
  "order.quote": async () => {
    const { items } = orderOf(await allServices.product());
    return { body: { items }, other: { items: [...items, ...items] } };
  },
  "order.retry": async (owner) => ({ role: "staff", path: { id: await parked(owner) } }),
  "order.settle": async (owner) => ({
    role: "admin",
    path: { id: await parked(owner) },
    body: { status: "cancelled", note: "Agreed by phone" },
    other: { status: "confirmed", note: "Agreed by phone" },
  }),
  "payment.confirm": async (owner) => ({ path: { id: (await confirmed(owner, "tok_3ds")).paymentId! } }),
  "payment.refund": async (owner) => ({
    role: "staff",
    path: { id: (await confirmed(owner)).paymentId! },
    body: { amount: won(1), reason: "damaged" },
    other: { amount: won(2), reason: "damaged" },
  }),
  "payment.saveMethod": () => ({ body: { token: "tok_success" }, other: { token: "tok_3ds" } }),
  "playback.createSession": async (owner) => {
    const body = await allServices.watching(owner);
    return { body, other: { ...body, device: "TV" } };
  },
  "product.adjustStock": async () => ({
    role: "staff",
    path: { id: await allServices.product() },
    body: { quantity: 1, reason: "delivery" },
    other: { quantity: 2, reason: "delivery" },
  }),
  "product.create": () => ({
    role: "staff",
    body: { name: "Tea", description: "", price: won(1) },
    other: { name: "Coffee", description: "", price: won(1) },
  }),
  "product.addImage": async () => ({
    role: "staff",
    path: { id: await allServices.product() },
    ...pictures,
  }),
  "product.createImport": () => ({ role: "staff", body: partOf("sku"), other: partOf("id") }),
  "product.createVariant": async (owner) => ({
    role: "staff",
    path: { id: await inVariants(owner, allServices) },
    body: { values: ["L"], sku: newId() },
    other: { values: ["L"], sku: newId() },
  }),
  "product.createVariants": async (owner) => ({
    role: "staff",
    path: { id: await inVariants(owner, allServices) },
    body: { skuPrefix: newId() },
    other: { skuPrefix: newId() },
  }),
  "product.createCategory": () => ({ role: "staff", body: { name: `Tea ${newId()}` }, other: { name: "Coffee" } }),
  "webhook.retryDeliveries": async () => ({ role: "staff", path: { id: await webhookEndpoint(allServices) } }),
  "webhook.retryDelivery": async () => ({ role: "staff", path: { id: await webhookDelivery(allServices) } }),
  "notification.createTemplateVersion": () => ({
    role: "staff",
    path: { name: "order-confirmed" },
    body: { content: templateContent },
    other: { content: templateContent, note: "another" },
  }),
  "notification.sendTest": () => ({
    role: "staff",
    path: { name: "order-confirmed" },
    body: { language: "en" },
    other: { language: "ko" },
  }),
  "webhook.sendTest": async () => ({ role: "staff", path: { id: await webhookEndpoint(allServices) } }),
  "user.addCoupon": () => {
    const coupon = (percent: number) => ({ code: "Same for all", kind: "percent", percent });
    return { role: "staff", body: coupon(1), other: coupon(2) };
  },
  "user.adjustPoints": ({ id }) => ({
    role: "staff",
    path: { id },
    body: { points: 500, note: "Sorry" },
    other: { points: 501, note: "Sorry" },
  }),
  "user.addAddress": () => ({ body: address, other: { ...address, city: "Busan" } }),
};

const posts = [...contracts.values()].flatMap(({ name, actions }) =>
  Object.entries(actions).flatMap(([key, { rest, keyless }]) =>
    rest?.startsWith("POST ") ? [{ id: `${name}.${key}`, path: rest.slice("POST ".length), keyless }] : [],
  ),
);
const keyed = posts.filter(({ keyless }) => keyless === undefined);

/** Somebody with an account: an address needs one. */
async function customer(): Promise<Person> {
  const id = newId();
  const { id: userId } = await allServices
    .person("customer", id)
    .then((person) =>
      person.call("user.signUp", { email: `${id}@example.test`, password: `corridor-${id}`, name: "Mina Kim" }),
    );
  return allServices.person("customer", userId);
}

/** A guest's request stands among the routes' cases already. */
const makeOf = (id: string): Make | undefined =>
  cases[id] ??
  (id.includes("Guest") ? (owner) => orderCases[id]!.request!(owner, allServices) as Promise<Case> : undefined);

describe("a POST with an Idempotency-Key", () => {
  it("is known for every route", () => {
    expect(keyed.map(({ id }) => id).filter((id) => !makeOf(id))).toEqual([]);
    for (const { keyless } of posts) if (keyless !== undefined) expect(keyless).toMatch(/\.$/);
  });

  it.each(keyed)("$id is done once and answered alike", async ({ id, path: route }) => {
    const owner = await customer();
    const { role, path = {}, body, other, headers } = await makeOf(id)!(owner);
    const caller = role ? await allServices.person(role) : owner;
    const target = route.replaceAll(/:(\w+)/g, (_, name: string) => path[name]!);
    const key = newId();
    const post = (sent: object | undefined) => send(caller, target, sent, key, headers);
    const first = await post(body);
    expect([first.status < 300, first.headers.get("idempotent-replayed")]).toEqual([true, null]);
    const again = await post(body);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([first.status, "true"]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
    if (!other) return;
    expect(await post(other)).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_KEY_REUSED" } });
  });

  it("that was refused is refused with the stored answer, and says so", async () => {
    const [owner, key] = [await customer(), newId()];
    const body = orderOf(await allServices.product(), 1, "tok_declined");
    const post = () => send(owner, "/orders", body, key);
    const [first, again] = [await post(), await post()];
    expect([first, again]).toMatchObject([{ status: 402 }, { status: 402, body: { code: "ORDER_PAYMENT_DECLINED" } }]);
    expect([first, again].map(({ headers }) => headers.get("idempotent-replayed"))).toEqual([null, "true"]);
  });

  it("that was accepted is accepted again, with the same order and where that is, until it has ended", async () => {
    const [owner, key] = [await customer(), newId()];
    const body = orderOf(await allServices.product(), 1, "tok_3ds");
    const post = () => send(owner, "/orders", body, key);
    const [first, again] = [await post(), await post()];
    expect([first.status, again.status, again.headers.get("idempotent-replayed")]).toEqual([202, 202, "true"]);
    expect(again.body).toEqual(first.body);
    const { id, paymentId } = first.body as { id: string; paymentId: string };
    expect([first, again].map(({ headers }) => headers.get("location"))).toEqual(Array(2).fill(`/api/v1/orders/${id}`));
    await owner.call("payment.confirm", { id: paymentId });
    await eventually(async () => (await owner.call("order.get", { id })).status === "confirmed");
    expect(await post()).toMatchObject({ status: 201, body: { id, status: "confirmed" } });
  });

  it("that can be none is refused, also where none is needed", async () => {
    const body = { name: "Tea", description: "", price: won(1) };
    expect(await send(await allServices.person("staff"), "/products", body, "a b")).toMatchObject({
      status: 422,
      body: { code: "IDEMPOTENCY_KEY_REQUIRED" },
    });
  });
});
