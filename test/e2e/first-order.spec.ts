/** What a newcomer does: start it, sign up, buy, follow, cancel, read the mail, stop it, and start it again. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Client,
  createClient,
  type Order,
  type Product,
  type Tokens,
} from "../../clients/typescript/src/index.ts";
import { orderOf } from "../support/actors/client.ts";
import { EventStream } from "../support/actors/event-stream.ts";
import { mailsTo } from "../support/actors/mailbox.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Platform } from "../support/systems/platform.ts";

let platform: Platform;
beforeAll(async () => {
  // As newcomers have it: the sample film is encoded meanwhile.
  platform = await Platform.start({ env: { USER_SIGN_UP_VERIFIED: "on", CONTENT_ENCODERS: "1" } });
  // Told once the catalogue is there.
  await platform.accounts();
});
afterAll(() => platform.dispose());

const people = {
  en: { email: "ann@example.test", password: "a long enough one", name: "Ann", language: "en" as const },
  ko: { email: "minji@example.test", password: "충분히 긴 비밀번호예요", name: "민지", language: "ko" as const },
};

async function signedIn({ email, password }: { readonly email: string; readonly password: string }): Promise<Client> {
  const client = createClient({ url: platform.url });
  await client.session.signIn({ email, password });
  return client;
}

describe.each(["en", "ko"] as const)("a first order, in %s", (language) => {
  const person = people[language];
  let tokens: Tokens | null;
  let client: Client;
  let product: Product;
  let order: Order;

  it("signs up and in", async () => {
    client = createClient({ url: platform.url, language, onTokens: (latest) => (tokens = latest) });
    expect((await client.user.signUp(person)).roles).toEqual(["customer"]);
    await client.session.signIn({ email: person.email, password: person.password });
    expect((await client.user.getProfile()).name).toBe(person.name);
  });

  it("finds something in the catalogue", async () => {
    const { items } = await client.product.list({ sort: "price", inStock: true, q: "차" });
    expect(items.length).toBeGreaterThan(0);
    product = items[0]!;
    expect(product.sellable).toBeGreaterThan(2);
  });

  it("has it priced, buys it, and is not charged twice for asking twice", async () => {
    const { items, paymentMethod, shippingAddress } = orderOf(product.id, 2);
    const quote = await client.order.quote({ items });
    const wanted = { items, paymentMethod, shippingAddress, quoteId: quote.id };
    const key = { idempotencyKey: `first-${language}` };
    const first = await client.fetch("order.create", wanted, key);
    order = (await first.json()) as Order;
    expect([first.status, first.headers.get("location")]).toEqual([201, `/api/v1/orders/${order.id}`]);
    expect(order).toMatchObject({ status: "confirmed", total: quote.total });
    const again = await client.fetch("order.create", wanted, key);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
    expect(await again.json()).toEqual(order);
    expect((await client.product.get({ id: product.id })).sellable).toBe(product.sellable - 2);
  });

  it("follows it live, from the beginning and from where the connection broke", async () => {
    const url = `${platform.url}/api/v1/orders/${order.id}/events`;
    const stream = await EventStream.open(url, tokens!.accessToken);
    await eventually(() => stream.names.length === 2);
    expect(stream.names).toEqual(["order.placed", "order.confirmed"]);
    const [placed] = stream.received;
    await stream.close();
    const resumed = await EventStream.open(url, tokens!.accessToken, placed!.id);
    await eventually(() => resumed.names.length === 1);
    expect(resumed.names).toEqual(["order.confirmed"]);
    expect((await client.order.cancel({ id: order.id })).status).toBe("cancelled");
    await eventually(() => resumed.names.length === 2);
    expect(resumed.received[1]).toMatchObject({ event: "order.cancelled", data: { orderId: order.id } });
    await resumed.close();
  });

  it("gets money and stock back", async () => {
    const payment = await client.payment.get({ id: order.paymentId! });
    expect(payment).toMatchObject({ captured: order.total, refunded: order.total });
    expect((await client.product.get({ id: product.id })).sellable).toBe(product.sellable);
    const { items } = await client.order.getTimeline({ id: order.id });
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
    const declined = client.order.create(orderOf(product.id, 1, "tok_declined"));
    const title = { en: "The payment was declined", ko: "결제가 승인되지 않았습니다" }[language];
    await expect(declined).rejects.toMatchObject({ code: "ORDER_PAYMENT_DECLINED", status: 402, problem: { title } });
  });
});

describe("the demo", () => {
  it("has two customers and an admin who can sign in, and passwords that only the owner can read", async () => {
    const accounts = await platform.accounts();
    expect(accounts.map(({ role }) => role)).toEqual(["customer", "customer", "admin"]);
    for (const account of accounts)
      expect((await (await signedIn(account)).user.getProfile()).email).toBe(account.email);
    expect(existsSync(join(platform.dataDir, "demo-accounts.json"))).toBe(true);
    // What it writes is a log here, not a terminal.
    expect(platform.output).toContain(join(platform.dataDir, "demo-accounts.json"));
    for (const { password } of accounts) expect(platform.output).not.toContain(password);
  });
});

describe("Ctrl-C", () => {
  it("answers what was asked, ends with 0, and the next start goes on with all that was", async () => {
    const { dataDir } = platform;
    const client = await signedIn(people.en);
    const { items } = await client.product.list({ limit: 1 });
    const orders = () => client.order.list({ limit: 100 });
    const before = (await orders()).items.length;
    // A payment that takes its time, so that there is something under way.
    const asked = Array.from({ length: 20 }, () => client.fetch("order.create", orderOf(items[0]!.id)));
    const slow = client.fetch("order.create", orderOf(items[0]!.id, 1, "tok_timeout"));
    await eventually(async () => (await orders()).items.length === before + asked.length + 1);
    const ended = platform.end("SIGINT");
    const answers = await Promise.all([...asked, slow]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 202]));
    const placed = await Promise.all(answers.map((answer) => answer.json() as Promise<Order>));
    expect(await ended).toBe(0);

    platform = await Platform.start({ dataDir });
    const again = await signedIn(people.en);
    expect((await again.order.list({ limit: 100 })).items).toHaveLength(before + answers.length);
    await eventually(async () => (await again.order.list({ status: "pending" })).items.length === 0);
    for (const { id } of placed) expect((await again.order.get({ id })).status).toBe("confirmed");
  });
});
