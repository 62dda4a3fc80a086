/** The typed client of clients/typescript over a gateway, whose answers are lost, late or cut where a spec says so. */
import { newId } from "#core/id.ts";
import { createClient, everyItem, isMadangError } from "../../clients/typescript/src/index.ts";
import type { Client, ClientOptions, Tokens } from "../../clients/typescript/src/index.ts";
import { operations } from "../../clients/typescript/src/operations.generated.ts";
import { address, orderOf } from "../support/actors/client.ts";
import { operationsOf, type Document } from "../support/fixtures/operations.ts";
import { AllServices, won } from "../support/systems/all-services.ts";
import document from "../../docs/openapi.json" with { type: "json" };

const problem = { "content-type": "application/problem+json" };

let allServices: AllServices;
beforeAll(async () => {
  allServices = await AllServices.open({ USER_SIGN_UP_VERIFIED: "on", ORDER_ANSWER_BUDGET: "20000" });
});
afterAll(() => allServices.close());

/** What happens to an answer on its way. */
type Fault = (response: Response) => Response;

/** The gateway has done what was asked, and nobody learns of it. */
const lost: Fault = () => {
  throw new TypeError("fetch failed");
};

/** The connection breaks behind the first events. */
const cut: Fault = ({ body, status, headers }) => {
  let isCut = false;
  const cutter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      if (isCut) throw new TypeError("terminated");
      controller.enqueue(chunk);
      isCut = new TextDecoder().decode(chunk).includes("data:");
      if (isCut) setTimeout(() => controller.error(new TypeError("terminated")), 50);
    },
  });
  return new Response(body!.pipeThrough(cutter), { status, headers });
};

/** A network that remembers what was sent, and does to the next answers what it is told. */
class Network {
  readonly sent: string[] = [];
  readonly keys = new Set<string>();
  #faults: readonly Fault[] = [];

  readonly fetch: typeof fetch = async (input, init) => {
    this.sent.push(`${init!.method} ${new URL(input).pathname}`);
    const key = new Headers(init!.headers).get("idempotency-key");
    if (key) this.keys.add(key);
    const response = await fetch(input, init);
    const [fault, ...rest] = this.#faults;
    this.#faults = rest;
    return fault ? fault(response) : response;
  };

  next(...faults: readonly Fault[]): void {
    [this.#faults, this.sent.length] = [faults, 0];
  }
}

const clientOf = (options: Partial<ClientOptions> = {}): Client =>
  createClient({ url: allServices.url, retry: { delay: 1 }, ...options });

const newPerson = () => ({ email: `${newId()}@example.test`, password: "a long enough one" });

/** An account; answers what signs in. */
async function signedUp() {
  const person = newPerson();
  await clientOf().user.signUp({ ...person, name: "Ann" });
  return person;
}

/** Signed in, over this network. */
async function customer(options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = clientOf(options);
  await client.session.signIn(await signedUp());
  return client;
}

it("knows every operation of the document but those that other systems call", () => {
  const expected = operationsOf(document as unknown as Document).map(({ id }) => id);
  const missing = expected.filter((id) => !(id in operations));
  expect(missing.toSorted()).toEqual([
    "notification.receiveBounce",
    "notification.receiveReceipt",
    "notification.withdraw",
    "order.receiveTracking",
    "payment.receiveWebhook",
    "playback.receiveTelemetry",
  ]);
});

it("puts an input where its route wants it: path, query, body and If-Match", async () => {
  const client = await customer();
  const { id, version } = await client.user.addAddress(address);
  const changed = await client.user.editAddress({ id, version, city: "Busan" });
  expect(changed).toMatchObject({ id, city: "Busan", version: version + 1 });
  const stale = client.user.editAddress({ id, version, city: "Daegu" });
  await expect(stale).rejects.toMatchObject({ code: "STALE_VERSION", status: 412 });
  expect(await client.user.removeAddress({ id })).toBeUndefined();
  await expect(client.user.getAddress({ id: "" })).rejects.toThrow(/needs "id"/);
});

it("reads a list to its end, page after page", async () => {
  const name = newId();
  const ids = await Promise.all(Array.from({ length: 5 }, () => allServices.product(won(1000), 1, name)));
  const found: string[] = [];
  for await (const { id } of everyItem(clientOf().product.list, { q: name, limit: 2 })) found.push(id);
  expect(found.toSorted()).toEqual(ids.toSorted());
});

it("rejects with what the gateway said, in the client's language", async () => {
  const client = await customer({ language: "ko" });
  const declined = client.order.create(orderOf(await allServices.product(), 1, "tok_declined"));
  const error: unknown = await declined.catch((reason: unknown) => reason);
  expect(isMadangError(error, "ORDER_PAYMENT_DECLINED") && error.problem).toMatchObject({
    status: 402,
    title: "결제가 승인되지 않았습니다",
  });
  expect(isMadangError(error, "NOT_FOUND")).toBe(false);
});

describe("when answers are lost", () => {
  it("asks again with the same key, so that one order is placed", async () => {
    const network = new Network();
    const client = await customer({ fetch: network.fetch });
    network.next(lost, lost);
    const order = await client.order.create(orderOf(await allServices.product()));
    expect(network.sent).toEqual(Array.from({ length: 3 }, () => "POST /api/v1/orders"));
    expect(network.keys.size).toBe(1);
    expect((await client.order.list()).items.map(({ id }) => id)).toEqual([order.id]);
  });

  it("gives up after its attempts, and places the same order when it is called with the same key", async () => {
    const network = new Network();
    const client = await customer({ fetch: network.fetch, retry: { attempts: 2, delay: 1 } });
    const wanted = orderOf(await allServices.product());
    network.next(lost, lost);
    await expect(client.order.create(wanted, { idempotencyKey: "mine" })).rejects.toThrow("fetch failed");
    const order = await client.order.create(wanted, { idempotencyKey: "mine" });
    expect((await client.order.list()).items.map(({ id }) => id)).toEqual([order.id]);
  });

  it("does not ask again for what would happen twice", async () => {
    const network = new Network();
    const client = clientOf({ fetch: network.fetch });
    network.next(lost);
    await expect(client.session.signIn(newPerson())).rejects.toThrow("fetch failed");
    expect(network.sent).toHaveLength(1);
  });

  it("stops at once when its caller does", async () => {
    const leave = new AbortController();
    const network = new Network();
    const client = clientOf({ fetch: network.fetch, retry: { delay: 60_000, longestDelay: 60_000 } });
    network.next(() => {
      setTimeout(() => leave.abort(new Error("left")), 10);
      throw new TypeError("fetch failed");
    });
    await expect(client.product.list({}, { signal: leave.signal })).rejects.toThrow("left");
    expect(network.sent).toHaveLength(1);
  });
});

describe("a session", () => {
  const refresh = "POST /api/v1/sessions/refresh";

  it("is renewed once for all calls that need it, also when the answer to that is lost", async () => {
    const person = await signedUp();
    const kept: (Tokens | null)[] = [];
    const network = new Network();
    const tokens = await clientOf().user.signIn(person);
    const client = clientOf({ tokens, fetch: network.fetch, onTokens: (one) => kept.push(one) });
    network.next(lost);
    const mine = await Promise.all(Array.from({ length: 10 }, () => client.user.getProfile()));
    expect(new Set(mine.map(({ email }) => email))).toEqual(new Set([person.email]));
    expect(network.sent.filter((one) => one === refresh)).toEqual([refresh, refresh]);
    expect(kept.at(-1)?.refreshToken).not.toBe(tokens.refreshToken);
  });

  it("is renewed when the gateway no longer takes a token that should be good", async () => {
    const network = new Network();
    const client = await customer({ fetch: network.fetch });
    network.next(() => Response.json({ code: "TOKEN_EXPIRED", status: 401 }, { status: 401, headers: problem }));
    await client.user.getProfile();
    expect(network.sent).toEqual(["GET /api/v1/users/me", refresh, "GET /api/v1/users/me"]);
  });

  it("ends for the client when it was ended elsewhere, and its owner is told", async () => {
    const person = await signedUp();
    const kept: (Tokens | null)[] = [];
    const client = clientOf({ onTokens: (one) => kept.push(one) });
    await client.session.signIn(person);
    await clientOf({ tokens: kept[0]! }).session.signOut();
    client.session.resume(kept[0]!);
    await expect(client.user.getProfile()).rejects.toMatchObject({ status: 401 });
    expect(kept.at(-1)).toBeNull();
    await expect(client.user.getProfile()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});

describe("a live stream", () => {
  it("goes on where its connection broke, without a gap and without a repetition", async () => {
    const network = new Network();
    const client = await customer({ fetch: network.fetch });
    const { id } = await client.order.create(orderOf(await allServices.product()));
    network.next(cut);
    const types: string[] = [];
    for await (const event of client.order.watch({ id })) {
      types.push(event.type);
      if (event.type === "order.confirmed") await client.order.cancel({ id });
      if (event.type === "order.cancelled") break;
    }
    expect(types).toEqual(["order.placed", "order.confirmed", "order.cancelled"]);
    expect(network.sent.filter((one) => one.endsWith("/events")).length).toBeGreaterThan(1);
  });

  it("is refused where its subject is a stranger's, and ends with its caller", async () => {
    const client = await customer();
    const stranger = client.order.watch({ id: newId() })[Symbol.asyncIterator]();
    await expect(stranger.next()).rejects.toMatchObject({ code: "NOT_FOUND" });
    const { id } = await client.order.create(orderOf(await allServices.product()));
    const leave = new AbortController();
    const events = client.order.watch({ id }, { signal: leave.signal })[Symbol.asyncIterator]();
    await events.next();
    await events.next();
    const third = events.next();
    leave.abort(new Error("left"));
    await expect(third).rejects.toThrow("left");
  });
});

describe("a field that HTTP has in a header", () => {
  it("is the token of a guest's cart, with the version that was seen, and belongs to no body", async () => {
    const client = clientOf();
    const productId = await allServices.product(won(1000), 10);
    const { token: cartToken } = await client.order.createCart();
    const { version } = await client.order.addCartLine({ cartToken, productId, quantity: 2 });
    const change = { cartToken, productId, version };
    const cart = await client.order.setCartLine({ ...change, quantity: 3 });
    expect(await client.order.getCart({ cartToken })).toEqual(cart);
    await expect(client.order.setCartLine({ ...change, quantity: 4 })).rejects.toMatchObject({
      status: 412,
      code: "STALE_VERSION",
      problem: { cart: { version: cart.version } },
    });
    await expect(client.order.getCart()).rejects.toMatchObject({ status: 401 });
    const response = await fetch(`${allServices.url}/api/v1/cart/lines`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ cartToken, productId, quantity: 1 }),
    });
    expect([response.status, await response.json()]).toMatchObject([422, { errors: [{ pointer: "/cartToken" }] }]);
  });
});
