/** What a newcomer does: start it, sign up, buy, follow, cancel, read the mail, stop it, and start it again. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Client, orderOf } from "../support/actors/client.ts";
import { EventStream } from "../support/actors/event-stream.ts";
import { mailsTo } from "../support/actors/mailbox.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Platform } from "../support/systems/platform.ts";

interface Order {
  readonly id: string;
  readonly status: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly paymentId: string;
}
interface List<Item> {
  readonly items: readonly Item[];
}
interface Product {
  readonly id: string;
  readonly name: string;
  readonly sellable: number;
}

let platform: Platform;
beforeAll(async () => {
  // As newcomers have it: the sample film is encoded meanwhile.
  platform = await Platform.start({ env: { USER_SIGN_UP_VERIFIED: "on", CONTENT_ENCODERS: "1" } });
  // Told once the catalogue is there.
  await platform.accounts();
});
afterAll(() => platform.dispose());

const people = {
  en: { email: "ann@example.test", password: "a long enough one", name: "Ann", language: "en" },
  ko: { email: "minji@example.test", password: "충분히 긴 비밀번호예요", name: "민지", language: "ko" },
};

const signIn = async ({ email, password }: { readonly email: string; readonly password: string }) =>
  (await new Client(platform.url).post<{ accessToken: string }>("/sessions", { email, password })).body.accessToken;

describe.each(["en", "ko"] as const)("a first order, in %s", (language) => {
  const person = people[language];
  let token: string;
  let client: Client;
  let product: Product;
  let order: Order;

  it("signs up and in", async () => {
    const anonymous = new Client(platform.url);
    const { status, body } = await anonymous.post<{ roles: string[] }>("/users", person);
    expect([status, body.roles]).toEqual([201, ["customer"]]);
    token = await signIn(person);
    client = new Client(platform.url, token);
    expect((await client.get<{ name: string }>("/users/me")).body.name).toBe(person.name);
  });

  it("finds something in the catalogue", async () => {
    const { body } = await client.get<List<Product>>(`/products?sort=price&inStock=true&q=${encodeURIComponent("차")}`);
    expect(body.items.length).toBeGreaterThan(0);
    product = body.items[0]!;
    expect(product.sellable).toBeGreaterThan(2);
  });

  it("has it priced, buys it, and is not charged twice for asking twice", async () => {
    const { items, paymentMethod, shippingAddress } = orderOf(product.id, 2);
    const quote = await client.post<{ id: string; total: Order["total"] }>("/orders/quotes", { items });
    expect(quote.status).toBe(201);
    const wanted = { items, paymentMethod, shippingAddress, quoteId: quote.body.id };
    const first = await client.post<Order>("/orders", wanted, { "idempotency-key": `first-${language}` });
    expect(first.status).toBe(201);
    expect(first.headers.get("location")).toBe(`/api/v1/orders/${first.body.id}`);
    expect(first.body).toMatchObject({ status: "confirmed", total: quote.body.total });
    order = first.body;
    const again = await client.post<Order>("/orders", wanted, { "idempotency-key": `first-${language}` });
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
    expect(again.body).toEqual(order);
    const { body } = await client.get<Product>(`/products/${product.id}`);
    expect(body.sellable).toBe(product.sellable - 2);
  });

  it("follows it live, from the beginning and from where the connection broke", async () => {
    const url = `${platform.url}/api/v1/orders/${order.id}/events`;
    const stream = await EventStream.open(url, token);
    await eventually(() => stream.names.length === 2);
    expect(stream.names).toEqual(["order.placed", "order.confirmed"]);
    const [placed] = stream.received;
    await stream.close();
    const resumed = await EventStream.open(url, token, placed!.id);
    await eventually(() => resumed.names.length === 1);
    expect(resumed.names).toEqual(["order.confirmed"]);
    const cancelled = await client.post<Order>(`/orders/${order.id}/cancel`, {});
    expect([cancelled.status, cancelled.body.status]).toEqual([200, "cancelled"]);
    await eventually(() => resumed.names.length === 2);
    expect(resumed.received[1]).toMatchObject({ event: "order.cancelled", data: { orderId: order.id } });
    await resumed.close();
  });

  it("gets money and stock back", async () => {
    const { body } = await client.get<{ captured: object; refunded: object }>(`/payments/${order.paymentId}`);
    expect(body).toMatchObject({ captured: order.total, refunded: order.total });
    expect((await client.get<Product>(`/products/${product.id}`)).body.sellable).toBe(product.sellable);
    const { items } = (await client.get<List<{ step: string }>>(`/orders/${order.id}/timeline`)).body;
    expect(items.map(({ step }) => step)).toEqual(expect.arrayContaining(["placed", "capturePayment", "cancelled"]));
  });

  const subjects = {
    en: [
      "We received your payment",
      "Your order is confirmed",
      "Your order was cancelled",
      "Your refund is on its way",
    ],
    ko: ["결제가 완료되었습니다", "주문이 확정되었습니다", "주문이 취소되었습니다", "환불이 처리되었습니다"],
  };

  it("has been told all of it by e-mail, in the right language", async () => {
    await eventually(() => mailsTo(platform.dataDir, person.email).length === 4);
    const mails = mailsTo(platform.dataDir, person.email);
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual(subjects[language].toSorted());
    expect(new Set(mails.map((mail) => mail.language))).toEqual(new Set([language]));
  });

  it("is told in the same language why a card was declined", async () => {
    const headers = { "accept-language": language };
    const declined = await client.post<{ code: string; title: string }>(
      "/orders",
      orderOf(product.id, 1, "tok_declined"),
      headers,
    );
    expect([declined.status, declined.body.code]).toEqual([402, "ORDER_PAYMENT_DECLINED"]);
    expect(declined.body.title).toBe({ en: "The payment was declined", ko: "결제가 승인되지 않았습니다" }[language]);
  });
});

describe("the demo", () => {
  it("has two customers and an admin who can sign in, and passwords that only the owner can read", async () => {
    const accounts = await platform.accounts();
    expect(accounts.map(({ role }) => role)).toEqual(["customer", "customer", "admin"]);
    for (const account of accounts) expect(await signIn(account)).toEqual(expect.any(String));
    expect(existsSync(join(platform.dataDir, "demo-accounts.json"))).toBe(true);
    // What it writes is a log here, not a terminal.
    expect(platform.output).toContain(join(platform.dataDir, "demo-accounts.json"));
    for (const { password } of accounts) expect(platform.output).not.toContain(password);
  });
});

describe("Ctrl-C", () => {
  it("answers what was asked, ends with 0, and the next start goes on with all that was", async () => {
    const { dataDir } = platform;
    const client = new Client(platform.url, await signIn(people.en));
    const { items } = (await client.get<List<Product>>("/products?limit=1")).body;
    const before = (await client.get<List<Order>>("/orders?limit=100")).body.items.length;
    // A payment that takes its time, so that there is something under way.
    const asked = Array.from({ length: 20 }, () => client.post<Order>("/orders", orderOf(items[0]!.id)));
    const slow = client.post<Order>("/orders", orderOf(items[0]!.id, 1, "tok_timeout"));
    await eventually(async () => {
      const { body } = await client.get<List<Order>>("/orders?limit=100");
      return body.items.length === before + asked.length + 1;
    });
    const ended = platform.end("SIGINT");
    const answers = await Promise.all([...asked, slow]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 202]));
    expect(await ended).toBe(0);

    platform = await Platform.start({ dataDir });
    const again = new Client(platform.url, await signIn(people.en));
    const orders = (await again.get<List<Order>>("/orders?limit=100")).body.items;
    expect(orders).toHaveLength(before + answers.length);
    await eventually(async () => {
      const { body } = await again.get<List<Order>>("/orders?limit=100&status=pending");
      return body.items.length === 0;
    });
    for (const { body } of answers) {
      expect((await again.get<Order>(`/orders/${body.id}`)).body.status).toBe("confirmed");
    }
  });
});
