/** News of the payment provider that come early, late, twice or not at all, and money that comes when nobody wants it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "#core/clock.ts";
import type { Cashier } from "../../services/payment/payment.mixin.ts";
import type { Charge } from "../../services/payment/payment.provider.ts";
import { sign } from "../../services/payment/sandbox/signature.model.ts";
import { Clock } from "../support/fixtures/clock.ts";
import { eventually, localService } from "../support/systems/notes-service.ts";
import { type Purchase, Shop } from "../support/systems/order-services.ts";
import { openDatabase } from "../support/invariants/invariants.ts";

process.env.ORDER_ANSWER_BUDGET = "200";
// Milliseconds, which pass by hand: longer than a busy machine needs for an order.
const ORDER_PATIENCE = 600_000;
process.env.ORDER_PATIENCE = `${ORDER_PATIENCE}`;
process.env.PAYMENT_PROVIDER_TIMEOUT = "20000";
process.env.PAYMENT_RECONCILE_AFTER = "500";
process.env.PAYMENT_SANDBOX_DELAY = "3600000";
process.env.PAYMENT_SANDBOX_LATE_ANSWER = "600";

// It never goes back: what is planned for later would be out of reach.
const clock = new Clock();
const shop = await Shop.open();
const { provider } = localService<{ cashier: Cashier }>(shop.broker, "payment").cashier;

afterAll(() => shop.close());
afterEach(async () => expect(await shop.violations()).toEqual([]));

/** The provider tells how an order's charge stands; the same news have the same id. */
async function tell({ id: reference }: Purchase, news: string = newId()): Promise<unknown> {
  const charge: Charge = await eventually(() => provider.retrieve(reference));
  const body = JSON.stringify({ id: news, type: `charge.${charge.status}`, charge });
  const secret = readFileSync(join(process.env.DATA_DIR!, "keys", "sandbox-webhook.key"), "utf8");
  const headers = { "sandbox-signature": sign(secret, body, Date.now()) };
  return shop.broker.call("payment.receiveWebhook", { provider: "sandbox", headers, body });
}

/** The provider has taken the money after all, as a bank transfer may arrive days later. */
function pay({ id }: Purchase): void {
  const books = openDatabase(process.env.DATA_DIR!, "sandbox-provider");
  const sql = "update charges set status = 'captured', authorized = amount, captured = amount where reference = ?";
  books.prepare(sql).run(id);
  books.close();
}

const storyOf = async ({ id, userId }: Purchase) => (await shop.as(userId, "order.getTimeline", { id })).items;
const refunded = { step: "refund", state: "done", detail: expect.stringContaining("78,000") as string };

describe("a webhook", () => {
  it("that comes before the answer confirms the order once", async () => {
    const purchase = await shop.buy("tok_timeout");
    await tell(purchase);
    await shop.reaches("confirmed", purchase);
  });

  it("that comes after the answer changes nothing", async () => {
    const purchase = await shop.buy("tok_success");
    const order = await shop.reaches("confirmed", purchase);
    await tell(purchase);
    expect(await shop.reaches("confirmed", purchase)).toEqual(order);
  });

  it("that comes twice confirms the order once", async () => {
    const purchase = await shop.buy("tok_duplicate_webhook");
    const news = newId();
    await Promise.all([tell(purchase, news), tell(purchase, news), tell(purchase)]);
    await shop.reaches("confirmed", purchase);
  });

  it("that never comes is not needed", async () => {
    const purchase = await shop.buy("tok_delayed");
    const books = openDatabase(process.env.DATA_DIR!, "sandbox-provider");
    const sql = "update charges set status = 'authorized', authorized = amount, settles_at = null where reference = ?";
    books.prepare(sql).run(purchase.id);
    books.close();
    await shop.reaches("confirmed", purchase);
  });
});

describe("a payment that succeeds too late", () => {
  it.each([
    ["was cancelled", "tok_delayed", "ORDER_CANCELLED", (purchase: Purchase) => shop.cancel(purchase)],
    ["has expired", "tok_3ds", "EXPIRED", async () => clock.advance(ORDER_PATIENCE)],
  ])("is refunded by itself when the order %s", async (_, method, reason, giveUp) => {
    const purchase = await shop.buy(method);
    await giveUp(purchase);
    expect(await shop.reaches("cancelled", purchase)).toMatchObject({ reason });
    pay(purchase);
    await tell(purchase);
    await eventually(async () => (await storyOf(purchase)).some(({ step }) => step === "refund"));
    expect(await storyOf(purchase)).toContainEqual(expect.objectContaining(refunded));
  });

  it("is refunded by itself when its answer was lost and the order was cancelled", async () => {
    const fault = { action: "payment.capture", mode: "after", times: Infinity } as const;
    const purchase = await shop.buy("tok_success", fault);
    await shop.cancel(purchase);
    await shop.reaches("cancelled", purchase);
    await eventually(async () => (await storyOf(purchase)).some(({ step }) => step === "refund"));
    expect(await storyOf(purchase)).toContainEqual(expect.objectContaining(refunded));
  });

  it("is given back when the provider heard of it after the order was cancelled", async () => {
    const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
    const authorize = provider.authorize.bind(provider);
    jest.spyOn(provider, "authorize").mockImplementationOnce(async (request) => {
      await cancelled;
      return authorize(request);
    });
    const purchase = await shop.buy("tok_success");
    await shop.cancel(purchase);
    await shop.reaches("cancelled", purchase);
    cancel();
    await eventually(async () => (await provider.retrieve(purchase.id))?.status === "voided");
  });

  it("is refused to a customer who comes back from the bank after the order has expired", async () => {
    const purchase = await shop.buy("tok_3ds");
    clock.advance(ORDER_PATIENCE);
    const { paymentId } = await shop.reaches("cancelled", purchase);
    const confirmed = shop.as(purchase.userId, "payment.confirm", { id: paymentId! });
    await expect(confirmed).rejects.toMatchObject({ code: 409, type: "PAYMENT_CANCELLED" });
  });
});
