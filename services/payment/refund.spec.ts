/**
 * Refunds by staff: partial, repeated, at once, and while the provider is silent.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { eventuallyReconciled, PaymentNode, won } from "../../test/support/systems/payment-service.ts";
import { payment } from "./payment.contract.ts";

let paymentNode: PaymentNode;
beforeAll(async () => {
  paymentNode = await PaymentNode.open();
});
afterAll(() => paymentNode.close());
afterEach(async () => {
  jest.restoreAllMocks();
  expect(await paymentNode.differences()).toEqual([]);
});

const staff = { id: newId(), role: "staff" as const };
const refund = (id: string, amount: number, key?: string) =>
  paymentNode.as(staff, "payment.refund", { id, amount: won(amount), reason: "damaged" }, key);

describe("payment.refund", () => {
  it("gives back a part, then the rest, and no more", async () => {
    const { paymentId, orderId, user } = await paymentNode.paidOrder();
    expect(await refund(paymentId, 4000)).toMatchObject({ paymentId, amount: won(4000), status: "succeeded" });
    expect(await paymentNode.as(user, "payment.get", { id: paymentId })).toMatchObject({
      status: "succeeded",
      refunded: won(4000),
    });
    const tooMuch = { code: 409, type: "PAYMENT_REFUND_EXCEEDED", data: { refundable: won(6000) } };
    await expect(refund(paymentId, 6001)).rejects.toMatchObject(tooMuch);
    expect(await refund(paymentId, 6000)).toMatchObject({ status: "succeeded" });
    await expect(refund(paymentId, 1)).rejects.toMatchObject({ type: "PAYMENT_REFUND_EXCEEDED" });
    await eventually(() => paymentNode.eventTypes(orderId).length === 4);
    const { data } = paymentNode.events.findLast(({ type }) => type === "payment.refunded")!;
    expect(data).toEqual({
      paymentId,
      orderId,
      userId: user.id,
      refundId: expect.any(String),
      captured: won(10_000),
      amount: won(6000),
      // What staff wrote may name somebody, and events stay.
      reason: "shop",
    });
  });

  it("answers the same to the same key, and refuses it for another request", async () => {
    const { paymentId } = await paymentNode.paidOrder();
    const key = newId();
    const first = await refund(paymentId, 4000, key);
    expect(await refund(paymentId, 4000, key)).toEqual(first);
    await expect(refund(paymentId, 5000, key)).rejects.toMatchObject({ code: 422, type: "IDEMPOTENCY_KEY_REUSED" });
  });

  it("lets one of twenty refunds of 60 % through", async () => {
    const { paymentId, orderId } = await paymentNode.paidOrder();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => refund(paymentId, 6000)));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await paymentNode.charges(orderId)).toMatchObject([{ refunded: won(6000) }]);
  });

  it("takes effect once when the same key comes twenty times at once", async () => {
    const { paymentId, orderId } = await paymentNode.paidOrder();
    const key = newId();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refund(paymentId, 4000, key)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await paymentNode.charges(orderId)).toMatchObject([{ refunded: won(4000) }]);
  });

  it("refuses what was not captured, another currency, nothing, and who is not staff", async () => {
    const { paymentId, user } = await paymentNode.paidOrder(10_000, "tok_success", false);
    await expect(refund(paymentId, 1)).rejects.toMatchObject({ type: "PAYMENT_REFUND_EXCEEDED" });
    await expect(refund(paymentId, 0)).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
    await expect(refund(newId(), 1)).rejects.toMatchObject({ type: "NOT_FOUND" });
    const request = { id: paymentId, amount: { amount: 1, currency: "USD" as const }, reason: "damaged" };
    await expect(paymentNode.as(staff, "payment.refund", request)).rejects.toMatchObject({
      type: "PAYMENT_CURRENCY_MISMATCH",
    });
    await expect(paymentNode.as(user, "payment.refund", request)).rejects.toMatchObject({ type: "FORBIDDEN" });
  });

  it("is pending while the provider is silent, and ends by itself", async () => {
    const { paymentId, orderId } = await paymentNode.paidOrder();
    jest.spyOn(paymentNode.cashier.provider, "refund").mockRejectedValueOnce(payment.error("PROVIDER_UNAVAILABLE"));
    expect(await refund(paymentId, 4000)).toMatchObject({ status: "pending" });
    await eventuallyReconciled(new Clock(), () => paymentNode.eventTypes(orderId).includes("payment.refunded"));
    const { items } = await paymentNode.as(staff, "payment.listRefunds", { id: paymentId });
    expect(items).toMatchObject([{ amount: won(4000), status: "succeeded" }]);
  });

  it("that the provider refuses fails, and can be asked for again", async () => {
    const { paymentId } = await paymentNode.paidOrder();
    const { ProviderRefusal } = await import("./payment.provider.ts");
    jest.spyOn(paymentNode.cashier.provider, "refund").mockRejectedValueOnce(new ProviderRefusal("later"));
    expect(await refund(paymentId, 10_000)).toMatchObject({ status: "failed" });
    expect(await refund(paymentId, 10_000)).toMatchObject({ status: "succeeded" });
  });
});

it("the other refunds of a payment are without the refund itself, also when it has just ended elsewhere", async () => {
  const { find, sumBeside } = await import("./refund.repository.ts");
  const { paymentId } = await paymentNode.paidOrder();
  const { id } = await refund(paymentId, 4000);
  await refund(paymentId, 3000);
  expect(await sumBeside(paymentNode.db, (await find(paymentNode.db, id))!)).toBe(3000);
});

it("no refund can exceed its capture, whatever the code does", async () => {
  const { paymentId } = await paymentNode.paidOrder();
  const overdraw = (amount: number) =>
    paymentNode.db.write((tx) =>
      tx.query.updateTable("payments").set({ refunded: amount }).where("id", "=", paymentId).execute(),
    );
  await expect(overdraw(10_001)).rejects.toThrow(/constraint.*payments_refunded/);
});
