/** The shop over gRPC: a customer orders, follows the order as it happens, and is told what cannot be. */
import { newId } from "#core/id.ts";
import { address } from "../support/actors/client.ts";
import { type Answer, GrpcClient, valueOf } from "../support/actors/grpc-client.ts";
import { Clock } from "../support/fixtures/clock.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../support/systems/all-services.ts";

let allServices: AllServices;
let client: GrpcClient;
let customer: Person;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open({ GRPC_PORT: "0", RATE_LIMIT: "on", RATE_LIMIT_USER: "60" });
  client = new GrpcClient(allServices.grpcAddress);
  customer = await allServices.person();
  tea = await allServices.product(won(3000), 100);
});
afterAll(async () => {
  client.close();
  await allServices.close();
});

afterEach(() => jest.restoreAllMocks());

interface Order {
  readonly id: string;
  readonly status: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly paymentId?: string;
}

const order = (method: string) => `/madang.order.v1.OrderService/${method}`;
const basket = (paymentMethod: string, quantity = 2) => ({
  items: [{ productId: tea, quantity }],
  paymentMethod,
  shippingAddress: address,
});
const sent = (person = customer, key: string = newId()) => ({
  token: person.token,
  metadata: { "idempotency-key": key },
});
const place = (paymentMethod: string, how = sent()): Promise<Answer<Order>> =>
  client.call<Order>(order("Create"), basket(paymentMethod), how);

describe("an order over gRPC", () => {
  it("is placed, followed to its end and found again, and nobody else sees it", async () => {
    const { body } = await place("tok_3ds");
    expect(body).toMatchObject({ status: "pending", total: { amount: 6000, currency: "KRW" } });
    const stream = client.follow<{ event: string; data: object }>(order("Watch"), { id: body.id }, sent());
    await eventually(() => stream.items.length > 0);
    await client.call("/madang.payment.v1.PaymentService/Confirm", { id: body.paymentId }, sent());
    await eventually(() => stream.items.some(({ event }) => event === "order.confirmed"));
    expect(stream.items.map(({ event }) => event)).toEqual(["order.placed", "order.confirmed"]);
    expect(valueOf(stream.items[0]!.data)).toMatchObject({ orderId: body.id, total: { amount: 6000 } });
    stream.leave();
    const { body: found } = await client.call<Order>(order("Get"), { id: body.id }, sent());
    expect(found).toMatchObject({ id: body.id, status: "confirmed" });
    const stranger = sent(await allServices.person());
    for (const method of ["Get", "GetTimeline", "Cancel"])
      expect(await client.failure(order(method), { id: body.id }, stranger)).toMatchObject({ code: "NOT_FOUND" });
    expect(await client.follow(order("Watch"), { id: body.id }, stranger).ended).toMatchObject({ code: "NOT_FOUND" });
  });

  it("is made once for one key, and a key is good for one order", async () => {
    const how = sent();
    const [first, again] = [await place("tok_success", how), await place("tok_success", how)];
    expect([first.metadata["idempotent-replayed"], again.metadata["idempotent-replayed"]]).toEqual([undefined, "true"]);
    expect(again.body).toEqual(first.body);
    const other = await client.failure(order("Create"), basket("tok_success", 3), how);
    expect(other).toMatchObject({ code: "INVALID_ARGUMENT", reason: "IDEMPOTENCY_KEY_REUSED" });
  });

  it("that is declined, and one that is too large, say why", async () => {
    expect(await client.failure(order("Create"), basket("tok_declined"), sent())).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "ORDER_PAYMENT_DECLINED",
    });
    expect(await client.failure(order("Create"), basket("tok_success", 1001), sent())).toMatchObject({
      code: "INVALID_ARGUMENT",
      violations: [{ field: "items[0].quantity" }],
    });
  });

  it("whose service is away may be asked again", async () => {
    await allServices.remove("order");
    expect(await client.failure(order("List"), {}, sent())).toMatchObject({ code: "UNAVAILABLE", retryAfter: 2 });
    await allServices.restore("order");
    expect((await client.call<{ items: object[] }>(order("List"), {}, sent())).body.items.length).toBeGreaterThan(0);
  });
});

it("what a customer takes away is gone, and what is not named stays", async () => {
  const { email, password } = { email: `${newId()}@example.test`, password: `corridor-${newId()}` };
  const user = (method: string) => `/madang.user.v1.UserService/${method}`;
  const account = { email, password, name: "Mina Kim", phone: "+82 10 1234 5678" };
  await client.call(user("SignUp"), account);
  const { body } = await client.call<{ accessToken: string }>(user("SignIn"), { email, password });
  const mine = { token: body.accessToken };
  const edit = (change: object) => client.call<object>(user("EditProfile"), change, mine);
  expect((await edit({ name: "Mina" })).body).toMatchObject({ name: "Mina", phone: account.phone });
  const without = (await edit({ phoneNull: "NULL_VALUE" })).body;
  expect(without).toMatchObject({ name: "Mina" });
  expect(without).not.toHaveProperty("phone");
});

it("a person who asks too often is told when to come back, at every door", async () => {
  // Nothing comes back while time stands still.
  new Clock().stop();
  const busy = await allServices.person();
  const headers = { authorization: `Bearer ${busy.token}` };
  const web = async () => (await fetch(`${allServices.url}/api/v1/orders`, { headers })).status;
  for (let index = 0; index < 30; index += 1) {
    await client.call(order("List"), {}, { token: busy.token });
    expect(await web()).toBe(200);
  }
  expect(await client.failure(order("List"), {}, { token: busy.token })).toMatchObject({
    code: "RESOURCE_EXHAUSTED",
    reason: "RATE_LIMITED",
    retryAfter: 1,
  });
  expect(await web()).toBe(429);
  expect((await client.call(order("List"), {}, sent())).body).toBeDefined();
});
