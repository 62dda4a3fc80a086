/** The platform with the payment provider as a process of its own: requests there, webhooks back through the gateway. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, orderOf } from "../support/actors/client.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { freePort, Platform } from "../support/systems/platform.ts";
import { ProviderProcess } from "../support/systems/provider.ts";

interface Order {
  readonly id: string;
  readonly status: string;
  readonly paymentId: string;
}
interface List<Item> {
  readonly items: readonly Item[];
}

const books = mkdtempSync(join(tmpdir(), "madang-books-"));
const secrets = { PAYMENT_SANDBOX_SECRET: "signs what it tells", PAYMENT_SANDBOX_KEY: "opens its door" };
let provider: ProviderProcess;
let platform: Platform;
let admin: Client;
let customer: Client;
let product: string;
beforeAll(async () => {
  const port = await freePort();
  const webhooks = (at: number) => `http://127.0.0.1:${at}/api/v1/payments/webhooks/sandbox`;
  // Nobody listens at the first address.
  const env = { DATA_DIR: books, PAYMENT_SANDBOX_WEBHOOK_URL: `${webhooks(1)},${webhooks(port)}` };
  provider = await ProviderProcess.start({ ...secrets, ...env, PAYMENT_SANDBOX_DELAY: "100" });
  const settings = { PAYMENT_SANDBOX_URL: provider.url, RATE_LIMIT: "off", PAYMENT_RECONCILE_AFTER: "60000" };
  platform = await Platform.start({ port, env: { ...secrets, ...settings, PAYMENT_PROVIDER_TIMEOUT: "4000" } });
  const accounts = await platform.accounts();
  const anonymous = new Client(platform.url);
  admin = await anonymous.as(accounts.find(({ role }) => role === "admin")!);
  customer = await anonymous.newCustomer();
  const { body } = await customer.get<List<{ id: string }>>("/products?inStock=true");
  product = body.items[0]!.id;
});
afterAll(async () => {
  await platform.dispose();
  await provider.end("SIGKILL");
  rmSync(books, { recursive: true, force: true });
});

const buy = async (method: string) => (await customer.post<Order>("/orders", orderOf(product, 1, method))).body;
const reaches = (status: string, { id }: Order) =>
  eventually(async () => (await customer.get<Order>(`/orders/${id}`)).body.status === status);
const charges = async ({ id }: Order) =>
  (await admin.get<List<{ status: string }>>(`/payments/sandbox/charges?reference=${id}`)).body.items;

it("takes money, and shows its own books", async () => {
  const order = await buy("tok_success");
  expect(order.status).toBe("confirmed");
  expect(await charges(order)).toMatchObject([{ status: "captured" }]);
});

it("declines", async () => {
  expect(await buy("tok_declined")).toMatchObject({ code: "ORDER_PAYMENT_DECLINED" });
});

it("tells by webhook what its answer did not, and only that ends the wait", async () => {
  await reaches("confirmed", await buy("tok_delayed"));
});

it("is asked again after it was killed and started again, and charges once", async () => {
  await provider.end("SIGKILL");
  const order = await buy("tok_success");
  expect(order.status).toBe("pending");
  await provider.restart();
  await customer.post(`/orders/${order.id}/cancel`, {});
  await reaches("cancelled", order);
  expect((await charges(order)).length).toBeLessThanOrEqual(1);
});

it("must be one for nodes that share a database", async () => {
  const shared = { TRANSPORTER: "nats://127.0.0.1:1", DATABASE_URL: "postgres://a:b@127.0.0.1:1/{service}" };
  const node = await Platform.launch({ env: { ...shared, SERVICES: "payment" } });
  await eventually(() => node.output.includes("Nodes that share PostgreSQL need one sandbox: set PAYMENT_SANDBOX_URL"));
  await node.dispose();
});
