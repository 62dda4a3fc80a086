/**
 * Disputes: heard of by webhooks, confirmed by the provider, and what is lost is in the books.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { DELAY, PaymentNode, won } from "../../test/support/systems/payment-service.ts";

let paymentNode: PaymentNode;
let clock: Clock;
beforeAll(async () => {
  paymentNode = await PaymentNode.open();
});
afterAll(() => paymentNode.close());
beforeEach(() => {
  clock = new Clock();
});
afterEach(() => jest.restoreAllMocks());

const staff = { id: newId(), role: "staff" as const };
const disputeOf = async (paymentId: string) => {
  const { items } = await paymentNode.as(staff, "payment.listDisputes", {});
  return items.find((dispute) => dispute.paymentId === paymentId);
};
const becomes = (paymentId: string, status: string) =>
  eventually(async () => (await disputeOf(paymentId))?.status === status);
const states = (orderId: string) =>
  paymentNode
    .eventsOf(orderId)
    .filter(({ type }) => type === "payment.disputed")
    .map(({ data }) => (data as { status: string }).status);
const refund = (id: string, amount: number) =>
  paymentNode.as(staff, "payment.refund", { id, amount: won(amount), reason: "damaged" });

describe("a dispute", () => {
  it.each([
    ["tok_dispute_lost", "lost", 10_000],
    ["tok_dispute_won", "won", 0],
  ])("of %s is recorded, told and %s, and the money that left is known", async (method, end, lost) => {
    const { orderId, paymentId, user } = await paymentNode.paidOrder(10_000, method);
    clock.advance(DELAY);
    await becomes(paymentId, "needs_response");
    const { id } = (await disputeOf(paymentId))!;
    expect(await paymentNode.payment(orderId)).toMatchObject({ lost: 0 });
    clock.advance(DELAY);
    await becomes(paymentId, end);
    expect(await paymentNode.as(staff, "payment.getDispute", { id })).toMatchObject({
      status: end,
      amount: won(10_000),
    });
    expect(await paymentNode.as(user, "payment.get", { id: paymentId })).toMatchObject({ lost: won(lost) });
    await eventually(() => states(orderId).length === 2);
    expect(states(orderId)).toEqual(["needs_response", end]);
    if (lost > 0) await expect(refund(paymentId, 1)).rejects.toMatchObject({ type: "PAYMENT_REFUND_EXCEEDED" });
    else expect(await refund(paymentId, 10_000)).toMatchObject({ status: "succeeded" });
    await expect(paymentNode.as(user, "payment.listDisputes", {})).rejects.toMatchObject({ type: "FORBIDDEN" });
  });

  it("is told once, however often and by however many its webhook comes", async () => {
    const { orderId, paymentId } = await paymentNode.paidOrder(10_000, "tok_dispute_lost");
    clock.advance(DELAY);
    await becomes(paymentId, "needs_response");
    const { providerId } = (await disputeOf(paymentId))!;
    const news = () => paymentNode.webhook({ id: newId(), type: "dispute.needs_response", dispute: providerId });
    await Promise.all([news(), news(), news()]);
    clock.advance(DELAY);
    await becomes(paymentId, "lost");
    await Promise.all([news(), news()]);
    await eventually(() => states(orderId).length >= 2);
    expect(states(orderId)).toEqual(["needs_response", "lost"]);
    expect(await paymentNode.payment(orderId)).toMatchObject({ lost: 10_000 });
  });

  it("that the provider does not know, or that is not about this payment, changes nothing", async () => {
    const { orderId, paymentId } = await paymentNode.paidOrder();
    const { charge_id } = await paymentNode.payment(orderId);
    const { provider } = paymentNode.cashier;
    const honest = provider.dispute!;
    const told = { reference: orderId, charge: charge_id!, status: "lost", currency: "KRW", amount: 10_000 } as const;
    const rest = { reason: null, dueAt: null };
    const wrong = [null, { charge: "another" }, { amount: 10_001 }, { currency: "USD" }, { id: "another" }] as const;
    const asked = jest.spyOn(provider, "dispute");
    for (const one of wrong) {
      const id = newId();
      const before = asked.mock.calls.length;
      asked.mockImplementation(async (about) =>
        about === id ? one && { id, ...told, ...rest, ...(one as object) } : honest(about),
      );
      await paymentNode.webhook({ id: newId(), type: "dispute.lost", dispute: id });
      await eventually(() => asked.mock.calls.length > before);
    }
    expect(await disputeOf(paymentId)).toBeUndefined();
    expect(await paymentNode.payment(orderId)).toMatchObject({ lost: 0 });
    const broken = paymentNode.webhook({ id: newId(), type: "dispute.lost", dispute: 7 });
    await expect(broken).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
  });
});
