/**
 * Captures in parts, captures at once, and authorizations that expire.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Input } from "#core/contract.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { DELAY, eventuallyReconciled, outcome, PaymentNode, won } from "../../test/support/systems/payment-service.ts";
import { payment } from "./payment.contract.ts";

let paymentNode: PaymentNode;
let clock: Clock;
beforeAll(async () => {
  paymentNode = await PaymentNode.open();
});
afterAll(() => paymentNode.close());
beforeEach(() => {
  clock = new Clock();
});
afterEach(async () => {
  jest.restoreAllMocks();
  expect(await paymentNode.differences()).toEqual([]);
});

const staff = { id: newId(), role: "staff" as const };
const held = (method = "tok_success") => paymentNode.paidOrder(10_000, method, false);
const capture = (orderId: string, amount?: number, more: Partial<Input<"payment.capture">> = {}) =>
  paymentNode.asOrder("payment.capture", {
    orderId,
    captureId: newId(),
    ...(amount !== undefined && { amount: won(amount) }),
    ...more,
  });
const reverse = (orderId: string) => paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" });
const captured = (orderId: string) =>
  paymentNode
    .eventsOf(orderId)
    .filter(({ type }) => type === "payment.captured")
    .map(({ data }) => (data as { amount: { amount: number } }).amount.amount);
const silent = payment.error("PROVIDER_UNAVAILABLE");

/** The provider captures, and its answer is lost. */
function answerLost() {
  const { provider } = paymentNode.cashier;
  const ask = provider.capture;
  jest.spyOn(provider, "capture").mockImplementationOnce(async (request) => {
    await ask(request);
    throw silent;
  });
}

describe("a payment that is captured in parts", () => {
  it("takes each part once, tells each, and refunds no more than it took", async () => {
    const { orderId, paymentId, user } = await held();
    expect(await paymentNode.asOrder("payment.authorize", ask(orderId), user.id)).toMatchObject({
      status: "requires_capture",
      captures: "several",
    });
    const first = { captureId: newId() };
    const parts = { captured: won(3000), capturable: won(7000) };
    for (let times = 0; times < 2; times += 1)
      expect(await capture(orderId, 3000, first)).toMatchObject({ status: "succeeded", ...parts });
    await expect(capture(orderId, 2000, first)).rejects.toMatchObject({ type: "PAYMENT_CAPTURE_MISMATCH" });
    await expect(capture(orderId, 7001)).rejects.toMatchObject({
      type: "PAYMENT_CAPTURE_EXCEEDED",
      data: { capturable: won(7000) },
    });
    const refund = (amount: number) =>
      paymentNode.as(staff, "payment.refund", { id: paymentId, amount: won(amount), reason: "damaged" });
    await expect(refund(3001)).rejects.toMatchObject({ type: "PAYMENT_REFUND_EXCEEDED" });
    expect(await refund(1000)).toMatchObject({ status: "succeeded" });
    expect(await paymentNode.payment(orderId)).toMatchObject({ status: "requires_capture", captured: 3000 });
    await capture(orderId, 4000);
    expect(await capture(orderId)).toMatchObject({ status: "succeeded", captured: won(10_000), capturable: won(0) });
    expect(await paymentNode.charges(orderId)).toMatchObject([{ status: "captured", captured: won(10_000) }]);
    await eventually(() => captured(orderId).length === 3);
    expect(captured(orderId)).toEqual([3000, 4000, 3000]);
    const { items } = await paymentNode.as(user, "payment.listCaptures", { id: paymentId });
    expect(items.map(({ amount, status, final }) => [amount.amount, status, final])).toEqual([
      [3000, "succeeded", true],
      [4000, "succeeded", false],
      [3000, "succeeded", false],
    ]);
    const stranger = paymentNode.as({ id: newId() }, "payment.listCaptures", { id: paymentId });
    await expect(stranger).rejects.toMatchObject({ type: "NOT_FOUND" });
  });

  it.each([
    ["with the last capture", [[3000, true]], 3000],
    [
      "after it",
      [
        [3000, false],
        [0, true],
      ],
      3000,
    ],
  ] as const)("releases the rest %s when it is told so", async (_, parts, taken) => {
    const { orderId } = await held();
    for (const [amount, final] of parts) await capture(orderId, amount, { final });
    expect(await paymentNode.payment(orderId)).toMatchObject({ status: "succeeded", captured: taken });
    expect(await paymentNode.charges(orderId)).toMatchObject([{ status: "captured", captured: won(taken) }]);
    await expect(capture(orderId, 1)).rejects.toMatchObject({ type: "PAYMENT_CAPTURE_EXCEEDED" });
    await eventually(() => captured(orderId).length > 0);
    expect(captured(orderId)).toEqual([taken]);
  });

  it("never takes more than was authorized, whatever is asked at once", async () => {
    const { orderId } = await held();
    const ends = await Promise.all(Array.from({ length: 6 }, () => outcome(capture(orderId, 4000))));
    const { captured: taken } = await paymentNode.payment(orderId);
    expect(ends.filter((end) => end === "succeeded").length * 4000).toBe(taken);
    expect(taken).toBeGreaterThan(0);
    const other = new Set(["PAYMENT_CAPTURE_EXCEEDED", "PAYMENT_PROVIDER_UNAVAILABLE", "succeeded"]);
    expect(ends.filter((end) => !other.has(end))).toEqual([]);
    const same = { captureId: newId() };
    const rest = 10_000 - taken;
    expect(await Promise.all([1, 2, 3].map(() => outcome(capture(orderId, rest, same))))).toEqual(
      expect.arrayContaining(["succeeded"]),
    );
    expect(await paymentNode.payment(orderId)).toMatchObject({ captured: 10_000 });
  });

  it("is refused by the database where more is claimed, or two captures are open", async () => {
    const { orderId, paymentId } = await held();
    const claim = { claimed: 10_001 };
    const more = paymentNode.db.write(({ query }) =>
      query.updateTable("payments").set(claim).where("order_id", "=", orderId).execute(),
    );
    await expect(more).rejects.toThrow(/claimed|check/i);
    const open = { payment_id: paymentId, amount: 1, currency: "KRW", is_final: 0, status: "pending" } as const;
    const insert = (id: string) =>
      paymentNode.db.write(({ query }) =>
        query
          .insertInto("captures")
          .values({ id, ...open, created_at: "2026-01-01T00:00:00.000Z" })
          .execute(),
      );
    await insert(newId());
    await expect(insert(newId())).rejects.toThrow(/unique/i);
    await paymentNode.db.write(({ query }) =>
      query.deleteFrom("captures").where("payment_id", "=", paymentId).execute(),
    );
  });

  it("is captured once where the provider has no other way", async () => {
    const { orderId } = await held();
    await paymentNode.db.write(({ query }) =>
      query.updateTable("payments").set({ multicapture: 0 }).where("order_id", "=", orderId).execute(),
    );
    await expect(capture(orderId, 3000)).rejects.toMatchObject({ type: "PAYMENT_CAPTURE_ONCE" });
    await expect(capture(orderId, 3000, { final: true })).resolves.toMatchObject({ status: "succeeded" });
  });
});

const ask = (orderId: string, capture?: true) => ({
  orderId,
  amount: won(10_000),
  paymentMethod: "tok_success",
  ...(capture && { capture }),
});

describe("a capture whose outcome is unknown", () => {
  it("is made once when it is asked for again, and before another one", async () => {
    const { orderId } = await held();
    answerLost();
    const first = { captureId: newId() };
    expect(await capture(orderId, 3000, first)).toMatchObject({ status: "processing", captured: won(0) });
    expect(await capture(orderId, 4000)).toMatchObject({ status: "succeeded", captured: won(7000) });
    expect(await capture(orderId, 3000, first)).toMatchObject({ status: "succeeded" });
  });

  it.each([true, false])("is learned by itself (it reached the provider: %p)", async (reached) => {
    const { orderId } = await held();
    if (reached) answerLost();
    else jest.spyOn(paymentNode.cashier.provider, "capture").mockRejectedValueOnce(silent);
    await capture(orderId, 3000);
    await paymentNode.close();
    paymentNode = await PaymentNode.open();
    await eventuallyReconciled(clock, async () => (await paymentNode.payment(orderId)).captured === 3000);
    expect(await paymentNode.charges(orderId)).toMatchObject([{ status: "authorized", captured: won(3000) }]);
  });

  it.each([true, false])("is given back when the order is reversed (it reached the provider: %p)", async (reached) => {
    const { orderId, paymentId } = await held();
    await capture(orderId, 2000);
    if (reached) answerLost();
    else jest.spyOn(paymentNode.cashier.provider, "capture").mockRejectedValueOnce(silent);
    await capture(orderId, 3000);
    expect(await reverse(orderId)).toMatchObject({ status: "refunded" });
    const taken = reached ? won(5000) : won(2000);
    expect(await paymentNode.charges(orderId)).toMatchObject([{ captured: taken, refunded: taken }]);
    const { items } = await paymentNode.as(staff, "payment.listCaptures", { id: paymentId });
    expect(items.map(({ status }) => status)).toEqual([reached ? "succeeded" : "failed", "succeeded"]);
    await expect(capture(orderId, 1)).rejects.toMatchObject({ type: "PAYMENT_CANCELLED" });
  });

  it("gives its claim back when the provider refuses it", async () => {
    const { ProviderRefusal } = await import("./payment.provider.ts");
    const { orderId } = await held();
    jest.spyOn(paymentNode.cashier.provider, "capture").mockRejectedValueOnce(new ProviderRefusal("no"));
    await expect(capture(orderId, 3000)).rejects.toMatchObject({ type: "PAYMENT_CAPTURE_REFUSED" });
    expect(await capture(orderId)).toMatchObject({ captured: won(10_000) });
  });
});

describe("an authorization that expires", () => {
  it.each([0, 3000])("is a clear failure, of which the order learns (captured before: %i)", async (before) => {
    const { orderId } = await held("tok_expires");
    if (before) await capture(orderId, before);
    clock.advance(DELAY);
    const ended = before ? "succeeded" : "cancelled";
    await eventually(async () => (await paymentNode.payment(orderId)).status === ended);
    const expired = { type: "PAYMENT_AUTHORIZATION_EXPIRED" };
    await expect(capture(orderId, 3000)).rejects.toMatchObject(expired);
    if (!before) await expect(paymentNode.asOrder("payment.capture", { orderId })).rejects.toMatchObject(expired);
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.expired"));
    expect(await reverse(orderId)).toMatchObject({ status: before ? "refunded" : "cancelled" });
    expect(await paymentNode.charges(orderId)).toMatchObject([{ captured: won(before), refunded: won(before) }]);
  });
});

describe("a payment that is captured at once", () => {
  it("asks the provider once, and is given back when the order is cancelled", async () => {
    const orderId = newId();
    const authorize = jest.spyOn(paymentNode.cashier.provider, "authorize");
    const later = jest.spyOn(paymentNode.cashier.provider, "capture");
    expect(await paymentNode.asOrder("payment.authorize", ask(orderId, true))).toMatchObject({ status: "succeeded" });
    expect(await paymentNode.asOrder("payment.capture", { orderId })).toMatchObject({ status: "succeeded" });
    expect([authorize.mock.calls.length, later.mock.calls.length]).toEqual([1, 0]);
    await eventually(() => paymentNode.eventTypes(orderId).length > 0);
    expect(paymentNode.eventTypes(orderId)).toEqual(["payment.captured"]);
    expect(await reverse(orderId)).toMatchObject({ status: "refunded" });
    expect(await paymentNode.charges(orderId)).toMatchObject([{ captured: won(10_000), refunded: won(10_000) }]);
  });

  it.each(["tok_3ds", "tok_delayed"])("is captured when the customer or the bank has decided (%s)", async (method) => {
    const [orderId, userId] = [newId(), newId()];
    const asked = { ...ask(orderId, true), paymentMethod: method };
    const { paymentId } = await paymentNode.asOrder("payment.authorize", asked, userId);
    if (method === "tok_3ds") await paymentNode.as({ id: userId }, "payment.confirm", { id: paymentId });
    else clock.advance(DELAY);
    await eventually(async () => (await paymentNode.payment(orderId)).status === "succeeded");
    expect(await paymentNode.charges(orderId)).toMatchObject([{ status: "captured", captured: won(10_000) }]);
  });

  it("is captured though the answer was lost, and refunded when it is reversed instead", async () => {
    const orderId = newId();
    const { provider } = paymentNode.cashier;
    const authorize = provider.authorize;
    jest.spyOn(provider, "authorize").mockImplementationOnce(async (request) => {
      await authorize(request);
      throw silent;
    });
    expect(await paymentNode.asOrder("payment.authorize", ask(orderId, true))).toMatchObject({ status: "processing" });
    expect(await reverse(orderId)).toMatchObject({ status: "refunded" });
  });
});
