/** Who may do what: every route by everybody. A route that the matrix does not cover fails. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newId, timestamp } from "#core/clock.ts";
import type { InboxTable } from "#mixins/inbox/inbox.mixin.ts";
import type { SagaTables } from "#mixins/saga/saga.mixin.ts";
import type { OrderTables } from "../../services/order/order.repository.ts";
import { sign } from "../../services/payment/sandbox/signature.model.ts";
import { address, orderOf } from "../support/actors/client.ts";
import { expiredTokenOf } from "../support/actors/people.ts";
import { AllServices, type Person, type Role, won } from "../support/systems/all-services.ts";
import { contracts } from "../support/fixtures/source.ts";

let allServices: AllServices;
let anybody: People;
let expired: string;
beforeAll(async () => {
  allServices = await AllServices.open();
  anybody = await peopleOf((role) => allServices.person(role));
  expired = await expiredTokenOf("ann", "admin");
});
afterAll(() => allServices.close());

const callers = [
  "nobody",
  "an expired token",
  "a garbage token",
  "a refresh token",
  "a stranger",
  "the owner",
  "staff",
  "an admin",
] as const;
type CallerName = (typeof callers)[number];

interface People {
  readonly owner: Person;
  readonly stranger: Person;
  readonly staff: Person;
  readonly admin: Person;
}

const peopleOf = async (make: (role: Role) => Promise<Person>): Promise<People> => ({
  owner: await make("customer"),
  stranger: await make("customer"),
  staff: await make("staff"),
  admin: await make("admin"),
});

const password = "correct horse battery";

/** Somebody with an account. */
async function account(role: Role): Promise<Person & { readonly email: string }> {
  const email = `${newId()}@example.test`;
  const person = { email, password, name: "Somebody", language: "en" as const, roles: [role] };
  const { id } = await allServices.asService().call("user.seed", person);
  return Object.assign(await allServices.person(role, id), { email });
}

interface Request {
  readonly path?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Case {
  /** Whose things it is about: `owner` alone sees them, or `staff` as well; a stranger's are not there. */
  readonly owned?: "owner" | "staff";
  /** A request that succeeds for who may make it, about things of its own. */
  readonly request?: (owner: Person) => Promise<Request>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of its success, where the work goes on afterwards. */
  readonly status?: 202;
}

const product = () => allServices.product(won(1000), 100);
const order = async (owner: Person, paymentMethod = "tok_success") =>
  owner.call("order.create", orderOf(await product(), 1, paymentMethod));
const category = async () => (await anybody.staff.call("product.createCategory", { name: "Tea" })).id;
const subscription = { endpoint: "https://push.example.test/1", keys: { p256dh: "BA", auth: "AA" } };
const refreshTokenOf = async ({ email }: Person & { email?: string }) =>
  (await anybody.owner.call("user.signIn", { email: email!, password })).refreshToken;

async function parkedOrder(owner: Person): Promise<string> {
  const { id } = await order(owner, "tok_3ds");
  await allServices.db<OrderTables & SagaTables>("order").write(async ({ query }) => {
    await query.updateTable("sagas").set({ status: "parked", next_at: null }).where("id", "=", id).execute();
    await query.updateTable("orders").set({ status: "needs_attention" }).where("id", "=", id).execute();
  });
  return id;
}

async function deadLetter(service: "order" | "notification" | "payment"): Promise<string> {
  const event = {
    id: newId(),
    type: "payment.failed",
    subject: "payment:1",
    time: timestamp(),
    data: { orderId: newId() },
  };
  const row = {
    id: event.id,
    subject: event.subject,
    envelope: JSON.stringify(event),
    error: "none",
    state: "dead" as const,
  };
  await allServices.db<InboxTable>(service).write(({ query }) =>
    query
      .insertInto("inbox")
      .values({ ...row, attempts: 8, next_at: 0, received_at: 0 } as never)
      .execute(),
  );
  return event.id;
}

async function webhook(): Promise<Request> {
  const secret = readFileSync(join(process.env.DATA_DIR!, "keys", "sandbox-webhook.key"), "utf8");
  const body = JSON.stringify({ id: newId(), charge: { reference: newId() } });
  return { path: { provider: "sandbox" }, body, headers: { "sandbox-signature": sign(secret, body, Date.now()) } };
}

const about = (find: (owner: Person) => Promise<string>, body?: unknown) => async (owner: Person) => ({
  path: { id: await find(owner) },
  body,
});
const saying = (body: unknown) => async () => ({ body });

/** Every route; one that needs nothing but its path is there all the same. */
const thisNode = async (): Promise<Request> => ({ path: { id: allServices.broker.nodeID } });

const cases: Readonly<Record<string, Case>> = {
  "api.drainNode": { request: thisNode },
  "api.export": {},
  "api.listBreakers": {},
  "api.listNodes": {},
  "api.resetBreaker": { request: saying({ action: "v1.order.create" }) },
  "api.resumeNode": { request: thisNode },
  "notification.getPreferences": {},
  "notification.discardDeadLetter": { request: about(() => deadLetter("notification")) },
  "notification.list": {},
  "notification.listDeadLetters": {},
  "notification.listSubscriptions": {},
  "notification.listTemplates": {},
  "notification.previewTemplate": { request: async () => ({ path: { name: "order-confirmed" } }) },
  "notification.setPreferences": { request: saying({ email: true, sms: true, push: true }) },
  "notification.subscribe": { request: saying(subscription) },
  "notification.unsubscribe": {
    owned: "owner",
    request: about(async (owner) => (await owner.call("notification.subscribe", subscription)).id),
  },
  "notification.replayDeadLetter": { request: about(() => deadLetter("notification")) },
  "order.cancel": { owned: "staff", request: about(async (owner) => (await order(owner)).id) },
  "order.create": { request: async () => ({ body: orderOf(await product()) }) },
  "order.discardDeadLetter": { request: about(() => deadLetter("order")) },
  "order.get": { owned: "staff", request: about(async (owner) => (await order(owner)).id) },
  "order.getTimeline": { owned: "staff", request: about(async (owner) => (await order(owner)).id) },
  "order.getSaga": { request: about(async (owner) => (await order(owner)).id) },
  "order.list": {},
  "order.listDeadLetters": {},
  "order.listParked": {},
  "order.listSagas": {},
  "order.quote": { request: async () => ({ body: { items: orderOf(await product()).items } }) },
  "order.replayDeadLetter": { request: about(() => deadLetter("order")) },
  "order.replayEvents": { request: saying({ since: timestamp() }) },
  // Its customer has still to confirm the payment.
  "order.retry": { request: about(parkedOrder), status: 202 },
  "order.settle": { request: about(parkedOrder, { status: "cancelled", note: "x" }) },
  "order.watch": { owned: "staff", request: about(async (owner) => (await order(owner)).id) },
  "payment.confirm": { owned: "owner", request: about(async (owner) => (await order(owner, "tok_3ds")).paymentId!) },
  "payment.discardDeadLetter": { request: about(() => deadLetter("payment")) },
  "payment.get": { owned: "staff", request: about(async (owner) => (await order(owner)).paymentId!) },
  "payment.list": {},
  "payment.listCharges": {},
  "payment.listDeadLetters": {},
  "payment.listMethods": {},
  "payment.listRefunds": { owned: "staff", request: about(async (owner) => (await order(owner)).paymentId!) },
  "payment.receiveWebhook": { request: webhook },
  "payment.refund": {
    request: about(async (owner) => (await order(owner)).paymentId!, { amount: won(1), reason: "x" }),
  },
  "payment.removeMethod": {
    owned: "owner",
    request: about(async (owner) => (await owner.call("payment.saveMethod", { token: "tok_success" })).id),
  },
  "payment.replayDeadLetter": { request: about(() => deadLetter("payment")) },
  "payment.replayEvents": { request: saying({ since: timestamp() }) },
  "payment.saveMethod": { request: saying({ token: "tok_success" }) },
  "product.adjustStock": { request: about(product, { quantity: 1, reason: "delivery" }) },
  "product.archive": { request: about(product) },
  "product.create": { request: saying({ name: "Tea", description: "", price: won(1) }) },
  "product.createCategory": { request: saying({ name: "Tea" }) },
  "product.get": { request: about(product) },
  "product.getCategory": { request: about(category) },
  "product.getStock": { request: about(product) },
  "product.list": {},
  "product.listCategories": {},
  "product.listMovements": { request: about(product) },
  "product.listPrices": { request: about(product) },
  "product.removeCategory": { request: about(category) },
  "product.setPrice": { request: about(product, { price: won(2) }) },
  "product.update": { request: about(product, { name: "Green tea" }) },
  "product.updateCategory": { request: about(category, { name: "Teas" }) },
  "user.addAddress": { request: saying(address) },
  "user.changePassword": { request: saying({ currentPassword: password, newPassword: `${password} staple` }) },
  "user.editAddress": {
    owned: "owner",
    request: about(async (owner) => (await owner.call("user.addAddress", address)).id, { city: "Busan" }),
  },
  "user.editProfile": { request: saying({ name: "Somebody Else" }) },
  "user.erase": { request: saying({ password }) },
  "user.get": { request: about(async ({ id }) => id) },
  "user.getAddress": {
    owned: "owner",
    request: about(async (owner) => (await owner.call("user.addAddress", address)).id),
  },
  "user.getProfile": {},
  "user.list": {},
  "user.listAddresses": {},
  "user.refresh": { request: async (owner) => ({ body: { refreshToken: await refreshTokenOf(owner) } }) },
  "user.removeAddress": {
    owned: "owner",
    request: about(async (owner) => (await owner.call("user.addAddress", address)).id),
  },
  "user.replayEvents": { request: saying({ since: timestamp() }) },
  "user.setRoles": { request: about(async ({ id }) => id, { roles: ["customer"] }) },
  "user.signIn": {
    request: async (owner) => ({ body: { email: (owner as Person & { email: string }).email, password } }),
  },
  "user.signOut": {},
  "user.signUp": { request: async () => ({ body: { email: `${newId()}@example.test`, password, name: "New" } }) },
};

const routes = [...contracts.values()].flatMap(({ name, actions }) =>
  Object.entries(actions).flatMap(([key, { rest, auth, status = 200, raw = false }]) =>
    rest ? [{ id: `${name}.${key}`, rest, auth, status: cases[`${name}.${key}`]?.status ?? status, raw }] : [],
  ),
);
type Route = (typeof routes)[number];

const ranks = ["customer", "staff", "admin"];
const rankOf: Partial<Record<CallerName, number>> = { "a stranger": 0, "the owner": 0, staff: 1, "an admin": 2 };

/** What the contract promises this caller: a status and, for a refusal, its code. */
function promised({ id, auth, status }: Route, caller: CallerName): readonly [status: number, code?: string] {
  // Where nobody needs a token, one that is not good counts for nothing.
  if (auth === "public") return [status];
  if (caller === "an expired token") return [401, "TOKEN_EXPIRED"];
  if (caller === "a garbage token" || caller === "a refresh token") return [401, "TOKEN_INVALID"];
  if (caller === "nobody") return [401, "UNAUTHENTICATED"];
  const rank = rankOf[caller]!;
  if (rank < ranks.indexOf(auth)) return [403, "FORBIDDEN"];
  const { owned } = cases[id]!;
  const sees = caller === "the owner" || !owned || (owned === "staff" && rank > 0);
  return sees ? [status] : [404, "NOT_FOUND"];
}

const tokenOf = (caller: CallerName, { owner, stranger, staff, admin }: People, refreshToken: string) =>
  ({
    nobody: undefined,
    "an expired token": expired,
    "a garbage token": `${admin.token.slice(0, -4)}AAAA`,
    "a refresh token": refreshToken,
    "a stranger": stranger.token,
    "the owner": owner.token,
    staff: staff.token,
    "an admin": admin.token,
  })[caller];

async function ask({ rest, raw }: Route, { path = {}, body, headers }: Request, token: string | undefined) {
  const [method, pattern] = rest.split(" ") as [string, string];
  const leave = new AbortController();
  const answer = await fetch(
    `${allServices.url}/api/v1${pattern.replaceAll(/:(\w+)/g, (_, name: string) => path[name]!)}`,
    {
      method,
      signal: leave.signal,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "POST" ? { "idempotency-key": newId() } : {}),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    },
  );
  const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json");
  const code = isProblem ? ((await answer.json()) as { code: string }).code : undefined;
  // A live stream would go on for ever.
  if (!isProblem) leave.abort();
  return code === undefined ? [answer.status] : [answer.status, code];
}

describe("the matrix", () => {
  it("covers every route", () => {
    expect(Object.keys(cases).toSorted()).toEqual(routes.map(({ id }) => id).toSorted());
  });

  it("knows whose things a route is about, wherever customers name one", () => {
    const named = routes.filter(({ rest, auth }) => auth === "customer" && rest.includes("/:id"));
    expect(named.filter(({ id }) => !cases[id]?.owned)).toEqual([]);
  });

  it.each(routes)("keeps what $id promises: $rest for $auth", async (route) => {
    const { request = saying(undefined) } = cases[route.id]!;
    const people = route.rest.includes("/users") || route.id.startsWith("user.") ? await peopleOf(account) : anybody;
    const refreshToken = `${newId()}.${"A".repeat(43)}`;
    // Who is refused asks for what the owner then finds unchanged.
    const untouched = await request(people.owner);
    const seen: Record<string, unknown> = {};
    const isGranted = (caller: CallerName) => promised(route, caller)[0] < 300;
    for (const caller of [...callers].toSorted((a, b) => Number(isGranted(a)) - Number(isGranted(b)))) {
      const granted = isGranted(caller) && caller !== callers.find(isGranted);
      const asked = granted ? await request(people.owner) : untouched;
      seen[caller] = await ask(route, asked, tokenOf(caller, people, refreshToken));
    }
    expect(seen).toEqual(Object.fromEntries(callers.map((caller) => [caller, promised(route, caller)])));
  });

  it("takes no refresh token for an access token", async () => {
    const refreshToken = await refreshTokenOf(await account("admin"));
    const route = routes.find(({ id }) => id === "user.getProfile")!;
    expect(await ask(route, {}, refreshToken)).toEqual([401, "TOKEN_INVALID"]);
  });

  it("gives nothing to a role that nobody knows", async () => {
    const somebody = await allServices.person("superuser" as Role);
    const route = routes.find(({ id }) => id === "order.list")!;
    expect(await ask(route, {}, somebody.token)).toEqual([401, "TOKEN_INVALID"]);
  });
});
