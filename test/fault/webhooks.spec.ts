/** News of the payment provider that come early, late, twice or not at all, and money that comes when nobody wants it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "#core/id.ts";
import { formatMoney } from "#core/money.ts";
import type { Cashier } from "../../services/payment/payment.mixin.ts";
import type { Charge } from "../../services/payment/payment.provider.ts";
import { sign } from "../../services/payment/sandbox/signature.model.ts";
import { Clock } from "../support/fixtures/clock.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { localService } from "../support/systems/local-service.ts";
import { type PlacedOrder, OrderServices } from "../support/systems/order-services.ts";
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
const services = await OrderServices.open();
const { provider } = localService<{ cashier: Cashier }>(services.broker, "payment").cashier;

afterAll(() => services.close());
afterEach(async () => expect(await services.violations()).toEqual([]));

/** The provider tells how an order's charge stands; the same news have the same id. */
async function tell({ id: reference }: PlacedOrder, news: string = newId()): Promise<unknown> {
  const charge: Charge = await eventually(() => provider.retrieve({ reference: reference }));
  const body = JSON.stringify({ id: news, type: `charge.${charge.status}`, charge });
  const secret = readFileSync(join(process.env.DATA_DIR!, "keys", "sandbox-webhook.key"), "utf8");
  const headers = { "sandbox-signature": sign(secret, body, Date.now()) };
  return services.broker.call("payment.receiveWebhook", { provider: "sandbox", headers, body });
}

/** The provider has taken the money after all, as a bank transfer may arrive days later. */
function pay({ id }: PlacedOrder): void {
  const books = openDatabase(process.env.DATA_DIR!, "sandbox-provider");
  const sql = "update charges set status = 'captured', authorized = amount, captured = amount where reference = ?";
  books.prepare(sql).run(id);
  books.close();
}

const storyOf = async ({ id, userId }: PlacedOrder) => (await services.as(userId, "order.getTimeline", { id })).items;
/** A refund of all that was paid. */
async function expectRefund(placed: PlacedOrder): Promise<void> {
  await eventually(async () => (await storyOf(placed)).some(({ step }) => step === "refund"));
  const { payable, total } = await services.as(placed.userId, "order.get", { id: placed.id });
  const paid = formatMoney(payable ?? total, "en");
  const refunded = { step: "refund", state: "done", detail: expect.stringContaining(paid) as string };
  expect(await storyOf(placed)).toContainEqual(expect.objectContaining(refunded));
}

describe("a webhook", () => {
  it("that comes before the answer confirms the order once", async () => {
    const placed = await services.placeOrder("tok_timeout");
    await tell(placed);
    await services.reaches("confirmed", placed);
  });

  it("that comes after the answer changes nothing", async () => {
    const placed = await services.placeOrder("tok_success");
    const order = await services.reaches("confirmed", placed);
    await tell(placed);
    expect(await services.reaches("confirmed", placed)).toEqual(order);
  });

  it("that comes twice confirms the order once", async () => {
    const placed = await services.placeOrder("tok_duplicate_webhook");
    const news = newId();
    await Promise.all([tell(placed, news), tell(placed, news), tell(placed)]);
    await services.reaches("confirmed", placed);
  });

  it("that never comes is not needed", async () => {
    const placed = await services.placeOrder("tok_delayed");
    const books = openDatabase(process.env.DATA_DIR!, "sandbox-provider");
    const sql = "update charges set status = 'authorized', authorized = amount, settles_at = null where reference = ?";
    books.prepare(sql).run(placed.id);
    books.close();
    await services.reaches("confirmed", placed);
  });
});

describe("a payment that succeeds too late", () => {
  it.each([
    ["was cancelled", "tok_delayed", "ORDER_CANCELLED", (placed: PlacedOrder) => services.cancel(placed)],
    ["has expired", "tok_3ds", "EXPIRED", async () => clock.advance(ORDER_PATIENCE)],
  ])("is refunded by itself when the order %s", async (_, method, reason, giveUp) => {
    const placed = await services.placeOrder(method);
    await giveUp(placed);
    expect(await services.reaches("cancelled", placed)).toMatchObject({ reason });
    pay(placed);
    await tell(placed);
    await expectRefund(placed);
  });

  it("is refunded by itself when its answer was lost and the order was cancelled", async () => {
    const fault = { action: "payment.capture", mode: "after", times: Infinity } as const;
    const placed = await services.placeOrder("tok_success", fault);
    await services.cancel(placed);
    await services.reaches("cancelled", placed);
    await expectRefund(placed);
  });

  it("is given back when the provider heard of it after the order was cancelled", async () => {
    const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
    const authorize = provider.authorize.bind(provider);
    jest.spyOn(provider, "authorize").mockImplementationOnce(async (request) => {
      await cancelled;
      return authorize(request);
    });
    const placed = await services.placeOrder("tok_success");
    await services.cancel(placed);
    await services.reaches("cancelled", placed);
    cancel();
    await eventually(async () => (await provider.retrieve({ reference: placed.id }))?.status === "voided");
  });

  it("is refused to a customer who comes back from the bank after the order has expired", async () => {
    const placed = await services.placeOrder("tok_3ds");
    clock.advance(ORDER_PATIENCE);
    const { paymentId } = await services.reaches("cancelled", placed);
    const confirmed = services.as(placed.userId, "payment.confirm", { id: paymentId! });
    await expect(confirmed).rejects.toMatchObject({ code: 409, type: "PAYMENT_CANCELLED" });
  });
});
