/**
 * Payments through Toss Payments, against a stand-in that answers as its documentation says.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { Clock } from "../../../test/support/fixtures/clock.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import { eventuallyReconciled, PaymentNode, won } from "../../../test/support/systems/payment-service.ts";
import { type Fault, TossStandIn, tossSecret } from "../../../test/support/systems/toss-stand-in.ts";
import type { Charge } from "../payment.provider.ts";

let toss: TossStandIn;
let paymentNode: PaymentNode;
let clock: Clock;
beforeAll(async () => {
  toss = await TossStandIn.start();
  Object.assign(process.env, {
    PAYMENT_PROVIDER: "toss",
    PAYMENT_TOSS_URL: toss.url,
    PAYMENT_TOSS_SECRET_KEY: tossSecret,
    PAYMENT_PROVIDER_TIMEOUT: "1000",
  });
  paymentNode = await PaymentNode.open();
});
afterAll(async () => {
  await paymentNode.close();
  await toss.stop();
});
beforeEach(() => {
  clock = new Clock();
  toss.requests.length = 0;
});
afterEach(() => jest.restoreAllMocks());

const staff = { id: newId(), role: "staff" as const };
const authorize = (paymentMethod: string, orderId = newId(), more: object = {}) =>
  paymentNode.asOrder("payment.authorize", { orderId, amount: won(10_000), paymentMethod, ...more });
const reverse = (orderId: string) => paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" });
const refund = (id: string, amount: number) =>
  paymentNode.as(staff, "payment.refund", { id, amount: won(amount), reason: "damaged" });
const receive = (webhook: ReturnType<TossStandIn["webhook"]>) =>
  paymentNode.broker.call("payment.receiveWebhook", webhook);
const becomes = (orderId: string, status: string) =>
  eventually(async () => (await paymentNode.payment(orderId)).status === status);
const confirmations = () => toss.requests.filter((request) => request === "POST /v1/payments/confirm").length;
async function paid() {
  const [orderId, token] = [newId(), toss.pay(10_000)];
  const { paymentId } = await authorize(token, orderId);
  return { orderId, token, paymentId };
}

describe("a payment through Toss Payments", () => {
  it("is confirmed in one request, which captures it, and given back in parts", async () => {
    const [orderId, token] = [newId(), toss.pay(10_000)];
    const answer = await authorize(token, orderId);
    expect(answer).toMatchObject({ status: "succeeded" });
    expect(toss.requests).toEqual(["POST /v1/payments/confirm"]);
    expect(await paymentNode.asOrder("payment.capture", { orderId })).toMatchObject({ status: "succeeded" });
    await refund(answer.paymentId, 4000);
    await refund(answer.paymentId, 6000);
    expect(toss.book(token)).toMatchObject({ status: "CANCELED", balanceAmount: 0 });
    expect(await paymentNode.payment(orderId)).toMatchObject({ captured: 10_000, refunded: 10_000 });
    await expect(refund(answer.paymentId, 1)).rejects.toMatchObject({ type: "PAYMENT_REFUND_EXCEEDED" });
    await eventually(() => paymentNode.eventTypes(orderId).length === 3);
    expect(paymentNode.eventTypes(orderId)).toEqual(["payment.captured", "payment.refunded", "payment.refunded"]);
  });

  it("says so when it is to be captured later", async () => {
    const later = authorize(toss.pay(10_000), newId(), { capture: false });
    await expect(later).rejects.toMatchObject({ type: "PAYMENT_CAPTURE_AT_ONCE" });
    expect(toss.requests).toEqual([]);
  });

  it.each([
    ["REJECT_CARD_PAYMENT", "reject_card_payment"],
    ["EXCEED_MAX_AMOUNT", "exceed_max_amount"],
  ])("is declined with %s, for the reason that Toss Payments gives", async (refusal, reason) => {
    const [orderId, token] = [newId(), toss.pay(10_000, { refusal })];
    const declined = { type: "PAYMENT_DECLINED", data: { reason } };
    await expect(authorize(token, orderId)).rejects.toMatchObject(declined);
    await expect(authorize(token, orderId)).rejects.toMatchObject(declined);
    expect(confirmations()).toBe(1);
    expect(await reverse(orderId)).toMatchObject({ status: "none" });
  });

  it("is declined for another amount than the customer paid, and for a key that Toss Payments does not know", async () => {
    await expect(authorize(toss.pay(9999))).rejects.toMatchObject({ data: { reason: "invalid_request" } });
    const unknown = authorize("toss_basket-1@unknown");
    await expect(unknown).rejects.toMatchObject({ data: { reason: "not_found_payment" } });
    const dollars = { amount: { amount: 10_000, currency: "USD" } };
    const abroad = authorize(toss.pay(10_000), newId(), dollars);
    await expect(abroad).rejects.toMatchObject({ data: { reason: "currency_not_supported" } });
  });

  it("pays for one order only, also when two are placed at once, and when another system has taken it", async () => {
    const token = toss.pay(10_000);
    const ends = await Promise.allSettled([authorize(token), authorize(token), authorize(token)]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected", "rejected"]);
    await expect(authorize(token)).rejects.toMatchObject({ type: "PAYMENT_DECLINED", data: { reason: "token_used" } });
    const elsewhere = toss.pay(10_000);
    toss.deposit(elsewhere);
    const taken = { type: "PAYMENT_DECLINED", data: { reason: "already_processed_payment" } };
    await expect(authorize(elsewhere)).rejects.toMatchObject(taken);
    expect(toss.book(elsewhere)).toMatchObject({ status: "DONE", balanceAmount: 10_000 });
  });

  it("waits for a deposit, and is given up without one", async () => {
    for (const isMade of [true, false]) {
      const [orderId, token] = [newId(), toss.pay(10_000, { isDeposit: true })];
      expect(await authorize(token, orderId)).toMatchObject({ status: "processing" });
      if (isMade) {
        toss.deposit(token);
        await receive(toss.webhook(token));
        await becomes(orderId, "succeeded");
      } else expect(await reverse(orderId)).toMatchObject({ status: "cancelled" });
      expect(toss.book(token)).toMatchObject({ status: isMade ? "DONE" : "CANCELED" });
    }
  });

  it("cannot be saved, because its key pays once", async () => {
    const saved = paymentNode.as({ id: newId() }, "payment.saveMethod", { token: toss.pay(1) });
    await expect(saved).rejects.toMatchObject({ type: "PAYMENT_METHOD_NOT_FOUND" });
  });
});

describe.each<Fault>(["lost", "failed", "in use", "late"])("when the answer of Toss Payments is %s", (fault) => {
  it("a confirmation is made once", async () => {
    const [orderId, token] = [newId(), toss.pay(10_000)];
    toss.fail(fault);
    expect(await authorize(token, orderId)).toMatchObject({ status: "processing" });
    await eventuallyReconciled(clock, async () => (await paymentNode.payment(orderId)).status === "succeeded");
    expect(toss.book(token)).toMatchObject({ status: "DONE", balanceAmount: 10_000 });
  });

  it("a refund is made once", async () => {
    const { token, paymentId, orderId } = await paid();
    toss.fail(fault);
    expect(await refund(paymentId, 4000)).toMatchObject({ status: "pending" });
    await eventuallyReconciled(clock, () => paymentNode.eventTypes(orderId).includes("payment.refunded"));
    expect(toss.book(token)).toMatchObject({ status: "PARTIAL_CANCELED", balanceAmount: 6000 });
  });

  it("an order that is cancelled meanwhile keeps nothing", async () => {
    const [orderId, token] = [newId(), toss.pay(10_000)];
    toss.fail(fault);
    expect(await authorize(token, orderId)).toMatchObject({ status: "processing" });
    await reverse(orderId);
    const isTaken = fault === "lost" || fault === "late";
    expect(toss.book(token)).toMatchObject(isTaken ? { balanceAmount: 0 } : { status: "IN_PROGRESS" });
    expect(await paymentNode.payment(orderId)).toMatchObject({ status: "cancelled", captured: isTaken ? 10_000 : 0 });
  });
});

describe("webhooks of Toss Payments", () => {
  it("are news only: what they say is asked for, however often and late they come", async () => {
    const { orderId, token } = await paid();
    const lie = toss.webhook(token, "PAYMENT_STATUS_CHANGED", { status: "CANCELED", balanceAmount: 0 });
    for (let times = 0; times < 3; times += 1) expect(await receive(lie)).toEqual({ received: true });
    await eventually(() => toss.requests.some((request) => request.startsWith("GET ")));
    expect(await paymentNode.payment(orderId)).toMatchObject({ status: "succeeded", refunded: 0, difference: null });
  });

  it("of other kinds, or about what we do not know, ask nothing; broken ones are refused", async () => {
    const { token } = await paid();
    toss.requests.length = 0;
    await receive(toss.webhook(token, "PAYOUT.CHANGED"));
    await receive(toss.webhook(token, "PAYMENT_STATUS_CHANGED", { paymentKey: "nobody-knows" }));
    expect(toss.requests).toEqual([]);
    const broken = (body: string) => receive({ provider: "toss", headers: {}, body });
    await expect(broken("{")).rejects.toMatchObject({ type: "MALFORMED_JSON" });
    const without = broken(JSON.stringify({ eventType: "PAYMENT_STATUS_CHANGED", data: {} }));
    await expect(without).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
    const another = receive({ ...toss.webhook(token), provider: "stripe" });
    await expect(another).rejects.toMatchObject({ type: "NOT_FOUND" });
  });
});

describe("Toss Payments that says something else than it has", () => {
  it.each<Partial<Charge>>([
    { captured: 9999, authorized: 9999 },
    { currency: "USD" },
    { id: "another" },
    { refunded: 1 },
  ])("(%j) takes no order's payment for made", async (wrong) => {
    const [orderId, token] = [newId(), toss.pay(10_000)];
    const { TossProvider } = await import("./toss.provider.ts");
    const { authorize: confirm } = TossProvider.prototype;
    const lie = async function (this: InstanceType<typeof TossProvider>, ...asked: Parameters<typeof confirm>) {
      return { ...(await confirm.apply(this, asked)), ...wrong };
    };
    jest.spyOn(TossProvider.prototype, "authorize").mockImplementation(lie);
    // Asked once more, it says the truth, which counts.
    expect(await authorize(token, orderId)).toMatchObject({ status: "succeeded" });
    expect(await paymentNode.payment(orderId)).toMatchObject({ captured: 10_000, refunded: 0, difference: null });
  });
});

it("the list of Toss Payments of a day in Korea agrees with our books", async () => {
  const { orderId, paymentId, token } = await paid();
  await refund(paymentId, 4000);
  const { list } = paymentNode.cashier.provider;
  const { items } = await list!({ from: Date.now() - 60_000, to: Date.now() + 60_000 });
  const charge = toss.book(token).paymentKey;
  expect(items.filter((movement) => movement.charge === charge)).toMatchObject([
    { kind: "capture", amount: 10_000, currency: "KRW" },
    { kind: "refund", amount: 4000 },
  ]);
  await paymentNode.cashier.reports.compare(new Date().toISOString().slice(0, 10), new AbortController().signal);
  const { items: differences } = await paymentNode.as(staff, "payment.listDifferences", { limit: 100 });
  expect(differences.filter((one) => one.charge === charge)).toEqual([]);
  expect(await paymentNode.payment(orderId)).toMatchObject({ captured: 10_000, refunded: 4000 });
});
