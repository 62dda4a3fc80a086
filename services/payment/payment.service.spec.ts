/**
 * Payments from authorization to capture and reversal, with every token of the sandbox.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { DELAY, eventuallyReconciled, PaymentNode, won } from "../../test/support/systems/payment-service.ts";
import type { PaymentStatus } from "./payment.model.ts";

let paymentNode: PaymentNode;
let clock: Clock;
beforeEach(() => {
  clock = new Clock();
});
beforeAll(async () => {
  paymentNode = await PaymentNode.open();
});
afterAll(() => paymentNode.close());
afterEach(async () => {
  jest.restoreAllMocks();
  expect(await paymentNode.differences()).toEqual([]);
});

const authorize = (orderId: string, paymentMethod: string, userId = newId(), amount = 10_000) =>
  paymentNode.asOrder("payment.authorize", { orderId, amount: won(amount), paymentMethod }, userId);
const capture = (orderId: string) => paymentNode.asOrder("payment.capture", { orderId });
const reverse = (orderId: string) => paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" });
const becomes = (orderId: string, status: PaymentStatus) =>
  eventually(async () => (await paymentNode.payment(orderId)).status === status);

describe("payment.authorize and payment.capture", () => {
  it("tok_success holds the amount, then takes it, each once", async () => {
    const [orderId, userId] = [newId(), newId()];
    const answer = await authorize(orderId, "tok_success", userId);
    const held = { paymentId: expect.any(String), status: "requires_capture", nextAction: null, captures: "several" };
    expect(answer).toEqual(held);
    expect(await authorize(orderId, "tok_success", userId)).toEqual(answer);
    const taken = { paymentId: answer.paymentId, status: "succeeded", captured: won(10_000), capturable: won(0) };
    expect([await capture(orderId), await capture(orderId)]).toEqual([taken, taken]);
    expect(await authorize(orderId, "tok_success", userId)).toMatchObject({ status: "succeeded" });
    expect(await paymentNode.charges(orderId)).toMatchObject([{ status: "captured", captured: won(10_000) }]);
    await eventually(() => paymentNode.eventTypes(orderId).length === 2);
    expect(paymentNode.eventTypes(orderId)).toEqual(["payment.authorized", "payment.captured"]);
    expect(paymentNode.events.find(({ data }) => (data as { orderId: string }).orderId === orderId)!.data).toEqual({
      paymentId: answer.paymentId,
      orderId,
      userId,
      amount: won(10_000),
    });
  });

  it.each([
    ["tok_declined", "card_declined"],
    ["tok_insufficient_funds", "insufficient_funds"],
  ])("%s is declined, as often as it is asked", async (token, reason) => {
    const orderId = newId();
    const declined = { code: 402, type: "PAYMENT_DECLINED", data: { reason } };
    await expect(authorize(orderId, token)).rejects.toMatchObject(declined);
    await expect(authorize(orderId, token)).rejects.toMatchObject(declined);
    await expect(capture(orderId)).rejects.toMatchObject(declined);
    await eventually(() => paymentNode.eventTypes(orderId).length === 1);
    expect(paymentNode.eventTypes(orderId)).toEqual(["payment.failed"]);
    expect(await reverse(orderId)).toMatchObject({ status: "none" });
  });

  it("tok_3ds waits for the customer, who confirms", async () => {
    const [orderId, user] = [newId(), { id: newId() }];
    const { paymentId, status, nextAction } = await authorize(orderId, "tok_3ds", user.id);
    expect({ status, nextAction }).toMatchObject({ status: "requires_action", nextAction: { type: "redirect" } });
    await expect(capture(orderId)).rejects.toMatchObject({ type: "PAYMENT_NOT_AUTHORIZED" });
    await expect(paymentNode.as({ id: newId() }, "payment.confirm", { id: paymentId })).rejects.toMatchObject({
      code: 404,
    });
    const key = newId();
    for (const _ of [1, 2]) {
      const confirmed = await paymentNode.as(user, "payment.confirm", { id: paymentId }, key);
      expect(confirmed).toMatchObject({ id: paymentId, status: "requires_capture", nextAction: null });
    }
    expect(await capture(orderId)).toMatchObject({ status: "succeeded" });
    await eventually(() => paymentNode.eventTypes(orderId).length === 2);
    expect(paymentNode.eventTypes(orderId)).toEqual(["payment.authorized", "payment.captured"]);
  });

  it("tok_delayed is authorized by a webhook", async () => {
    const orderId = newId();
    expect(await authorize(orderId, "tok_delayed")).toMatchObject({ status: "processing" });
    await expect(capture(orderId)).rejects.toMatchObject({ type: "PAYMENT_NOT_AUTHORIZED" });
    clock.advance(DELAY);
    await becomes(orderId, "requires_capture");
    expect(await capture(orderId)).toMatchObject({ status: "succeeded" });
  });

  it("tok_timeout stays processing, and is known when it is asked again", async () => {
    const orderId = newId();
    expect(await authorize(orderId, "tok_timeout")).toMatchObject({ status: "processing" });
    expect(await authorize(orderId, "tok_timeout")).toMatchObject({ status: "requires_capture" });
    expect(await capture(orderId)).toMatchObject({ status: "succeeded" });
  });

  it("tok_timeout is reconciled when nobody asks", async () => {
    const orderId = newId();
    expect(await authorize(orderId, "tok_timeout")).toMatchObject({ status: "processing" });
    await eventuallyReconciled(clock, async () => (await paymentNode.payment(orderId)).status === "requires_capture");
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.authorized"));
  });

  it("tok_duplicate_webhook is authorized once", async () => {
    const orderId = newId();
    await authorize(orderId, "tok_duplicate_webhook");
    await eventually(
      async () => (await paymentNode.db.query.selectFrom("webhook_events").selectAll().execute()).length > 0,
    );
    await capture(orderId);
    await eventually(() => paymentNode.eventTypes(orderId).length === 2);
    expect(paymentNode.eventTypes(orderId)).toEqual(["payment.authorized", "payment.captured"]);
  });

  it("a token that the provider does not know is no payment method", async () => {
    await expect(authorize(newId(), "tok_nonsense")).rejects.toMatchObject({
      code: 422,
      type: "PAYMENT_METHOD_NOT_FOUND",
    });
  });

  it("refuses what looks like a card number, and keeps nothing of it", async () => {
    const orderId = newId();
    await expect(authorize(orderId, "4242424242424242")).rejects.toMatchObject({
      code: 422,
      type: "VALIDATION_FAILED",
    });
    await expect(authorize(orderId, "4242424242424243")).rejects.toMatchObject({
      code: 422,
      type: "PAYMENT_METHOD_INVALID",
      data: undefined,
    });
    await expect(paymentNode.payment(orderId)).rejects.toThrow();
  });

  it("refuses another amount for the same order", async () => {
    const orderId = newId();
    await authorize(orderId, "tok_success");
    await expect(authorize(orderId, "tok_success", newId(), 1)).rejects.toMatchObject({
      type: "PAYMENT_AMOUNT_MISMATCH",
    });
  });

  it("charges once when twenty ask at once", async () => {
    const [orderId, userId] = [newId(), newId()];
    const answers = await Promise.all(Array.from({ length: 20 }, () => authorize(orderId, "tok_success", userId)));
    expect(new Set(answers.map(({ paymentId }) => paymentId)).size).toBe(1);
    await Promise.all(Array.from({ length: 20 }, () => capture(orderId)));
    expect(await paymentNode.charges(orderId)).toMatchObject([{ captured: won(10_000) }]);
  });

  it("answers 404 to the capture of an order without payment", async () => {
    await expect(capture(newId())).rejects.toMatchObject({ type: "NOT_FOUND" });
  });

  it("is for services only", async () => {
    const asked = paymentNode.as({ id: newId(), role: "admin" }, "payment.capture", { orderId: newId() });
    await expect(asked).rejects.toMatchObject({ type: "FORBIDDEN" });
  });
});

describe("payment.reverse", () => {
  it("keeps a payment from beginning when there is none yet, without the provider", async () => {
    const orderId = newId();
    const asked = jest.spyOn(paymentNode.cashier.provider, "retrieve");
    expect(await reverse(orderId)).toEqual({ paymentId: null, status: "none" });
    expect(await reverse(orderId)).toEqual({ paymentId: null, status: "none" });
    await expect(authorize(orderId, "tok_success")).rejects.toMatchObject({ code: 409, type: "PAYMENT_CANCELLED" });
    await expect(capture(orderId)).rejects.toMatchObject({ type: "PAYMENT_CANCELLED" });
    expect(asked).not.toHaveBeenCalledWith(orderId);
    expect(await paymentNode.charges(orderId)).toEqual([]);
  });

  it.each([
    ["requires_capture", "tok_success"],
    ["requires_action", "tok_3ds"],
    ["processing", "tok_delayed"],
    ["processing", "tok_timeout"],
  ])("gives up a payment that is %s (%s)", async (status, token) => {
    const orderId = newId();
    expect(await authorize(orderId, token)).toMatchObject({ status });
    const reversed = { paymentId: (await paymentNode.payment(orderId)).id, status: "cancelled" };
    expect(await reverse(orderId)).toEqual(reversed);
    expect(await reverse(orderId)).toEqual(reversed);
    expect(await paymentNode.charges(orderId)).toMatchObject([{ status: "voided", authorized: won(0) }]);
    await expect(capture(orderId)).rejects.toMatchObject({ type: "PAYMENT_CANCELLED" });
    await expect(authorize(orderId, token)).rejects.toMatchObject({ type: "PAYMENT_CANCELLED" });
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.cancelled"));
    expect(paymentNode.eventTypes(orderId).filter((type) => type !== "payment.authorized")).toEqual([
      "payment.cancelled",
    ]);
  });

  it("refunds what was captured, once", async () => {
    const { orderId, paymentId } = await paymentNode.paidOrder();
    expect(await reverse(orderId)).toEqual({ paymentId, status: "refunded" });
    expect(await reverse(orderId)).toEqual({ paymentId, status: "refunded" });
    expect(await paymentNode.charges(orderId)).toMatchObject([{ captured: won(10_000), refunded: won(10_000) }]);
    await eventually(() => paymentNode.eventTypes(orderId).length === 3);
    expect(paymentNode.eventTypes(orderId)).toEqual(["payment.authorized", "payment.captured", "payment.refunded"]);
  });

  it("refunds what is left after a partial refund", async () => {
    const { orderId, paymentId } = await paymentNode.paidOrder();
    const staff = { id: newId(), role: "staff" as const };
    await paymentNode.as(staff, "payment.refund", { id: paymentId, amount: won(4000), reason: "damaged" });
    expect(await reverse(orderId)).toMatchObject({ status: "refunded" });
    const { items } = await paymentNode.as(staff, "payment.listRefunds", { id: paymentId });
    expect(items.map(({ amount, status }) => [amount.amount, status])).toEqual([
      [6000, "succeeded"],
      [4000, "succeeded"],
    ]);
  });

  it.each(Array.from({ length: 10 }, (_, round) => round))(
    "leaves nothing captured when it races a capture (%i)",
    async (round) => {
      const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
      const pause = () => new Promise((resolve) => setTimeout(resolve, round % 5));
      const [taken] = await Promise.allSettled([
        round < 5 ? capture(orderId) : pause().then(() => capture(orderId)),
        round < 5 ? pause().then(() => reverse(orderId)) : reverse(orderId),
      ]);
      if (taken.status === "rejected") expect(taken.reason).toMatchObject({ type: "PAYMENT_CANCELLED" });
      const [charge] = await paymentNode.charges(orderId);
      expect(charge!.captured.amount - charge!.refunded.amount).toBe(0);
      expect(charge!.authorized.amount - charge!.captured.amount).toBe(0);
    },
  );

  it("leaves nothing held when it races the authorization", async () => {
    const orders = Array.from({ length: 20 }, () => newId());
    await Promise.all(
      orders.flatMap((orderId) => [authorize(orderId, "tok_success").catch(() => null), reverse(orderId)]),
    );
    const charges = (await Promise.all(orders.map((orderId) => paymentNode.charges(orderId)))).flat();
    expect(charges.filter(({ status }) => status !== "voided")).toEqual([]);
  });
});

describe("reading", () => {
  it("shows a payment to its owner and to staff, and to nobody else", async () => {
    const { paymentId, orderId, user } = await paymentNode.paidOrder();
    const shown = {
      id: paymentId,
      orderId,
      status: "succeeded",
      amount: won(10_000),
      captured: won(10_000),
      refunded: won(0),
      provider: "sandbox",
    };
    expect(await paymentNode.as(user, "payment.get", { id: paymentId })).toMatchObject(shown);
    expect(await paymentNode.as({ id: newId(), role: "staff" }, "payment.get", { id: paymentId })).toMatchObject(shown);
    await expect(paymentNode.as({ id: newId() }, "payment.get", { id: paymentId })).rejects.toMatchObject({
      code: 404,
    });
    await expect(paymentNode.as({ id: newId() }, "payment.listRefunds", { id: paymentId })).rejects.toMatchObject({
      code: 404,
    });
  });

  it("does not show a place held by a reversal", async () => {
    const orderId = newId();
    await reverse(orderId);
    const { id } = await paymentNode.payment(orderId);
    await expect(paymentNode.as({ id: newId(), role: "staff" }, "payment.get", { id })).rejects.toMatchObject({
      code: 404,
    });
  });

  it("lists my payments, newest first, page by page", async () => {
    const user = { id: newId() };
    const orders = [newId(), newId(), newId()];
    for (const orderId of orders) await authorize(orderId, "tok_success", user.id);
    const first = await paymentNode.as(user, "payment.list", { limit: 2 });
    const rest = await paymentNode.as(user, "payment.list", { limit: 2, cursor: first.nextCursor! });
    expect([...first.items, ...rest.items].map(({ orderId }) => orderId)).toEqual(orders.toReversed());
    expect(rest.nextCursor).toBeNull();
  });

  it("shows the provider's books to admins, page by page", async () => {
    const admin = { id: newId(), role: "admin" as const };
    const { items, nextCursor } = await paymentNode.as(admin, "payment.listCharges", { limit: 1 });
    expect(items).toHaveLength(1);
    expect(nextCursor).toEqual(expect.any(String));
    const asked = paymentNode.as({ id: newId(), role: "staff" }, "payment.listCharges", {});
    await expect(asked).rejects.toMatchObject({ type: "FORBIDDEN" });
  });
});
