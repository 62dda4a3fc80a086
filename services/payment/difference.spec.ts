/**
 * A provider that tells something else than it has: what differs is kept, shown, and forgotten when it is right again.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { metricLines } from "#mixins/node/metric-sources.ts";
import { answerWrongly } from "../../test/support/faults/wrong-provider-answers.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { outcome, PaymentNode, won } from "../../test/support/systems/payment-service.ts";
import type { Charge } from "./payment.provider.ts";

let paymentNode: PaymentNode;
beforeAll(async () => {
  process.env.PAYMENT_PROVIDER_TIMEOUT = "4000";
  // A provider that makes no sense so often would have the breakers open, and many orders at once take their time.
  paymentNode = await PaymentNode.open({ circuitBreaker: { enabled: false }, requestTimeout: 60_000 });
});
afterAll(() => paymentNode.close());
afterEach(() => jest.restoreAllMocks());

const staff = { id: newId(), role: "staff" as const };
describe("a difference", () => {
  const lie = (orderId: string, ...fields: Partial<Charge>[]) =>
    answerWrongly(
      (charge: Charge) => Object.assign({}, charge, ...(charge.reference === orderId ? fields : [])),
      "capture",
      "retrieve",
    );

  it("is kept with what the provider says, shown, told and counted once, and forgotten when it is none any more", async () => {
    const { orderId, paymentId, user } = await paymentNode.paidOrder(10_000, "tok_success", false);
    await lie(orderId, { status: "captured", currency: "USD", captured: 1 });
    const capture = () => outcome(paymentNode.asOrder("payment.capture", { orderId }));
    expect([await capture(), await capture()]).toEqual(["PAYMENT_MISMATCH", "PAYMENT_MISMATCH"]);
    const difference = {
      fields: ["currency", "captured"],
      status: "captured",
      authorized: { amount: 10_000, currency: "USD" },
      captured: { amount: 1, currency: "USD" },
      refunded: { amount: 0, currency: "USD" },
    };
    expect(await paymentNode.as(user, "payment.get", { id: paymentId })).toMatchObject({
      status: "needs_attention",
      captured: won(0),
      difference,
    });
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.mismatched"));
    expect((await metricLines(paymentNode.broker)).find((line) => line.includes('kind="difference"'))).toMatch(
      / [1-9]\d*$/,
    );
    jest.restoreAllMocks();
    expect([await capture(), await paymentNode.payment(orderId)]).toMatchObject(["succeeded", { difference: null }]);
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.captured"));
    expect(paymentNode.eventTypes(orderId)).toEqual(["payment.authorized", "payment.mismatched", "payment.captured"]);
    expect(await paymentNode.as(user, "payment.get", { id: paymentId })).toMatchObject({
      status: "succeeded",
      difference: null,
    });
  });

  it("in a webhook alone changes nothing: the provider is asked, and that counts", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
    const [{ id }] = (await paymentNode.charges(orderId)) as unknown as [{ id: string }];
    let looks = 0;
    await answerWrongly((charge) => {
      if (charge.reference === orderId) looks += 1;
      return charge;
    }, "retrieve");
    for (const captured of [0, 1, 9_999, 10_001]) {
      const charge = { id, reference: orderId, status: "captured", currency: "USD", authorized: captured, captured };
      const before = looks;
      await paymentNode.webhook({ id: newId(), type: "charge.captured", charge });
      await eventually(() => looks > before);
    }
    expect(await paymentNode.payment(orderId)).toMatchObject({
      status: "requires_capture",
      captured: 0,
      difference: null,
    });
    expect(await outcome(paymentNode.asOrder("payment.capture", { orderId }))).toBe("succeeded");
  });

  it("is another order's charge, which is not given up with this one", async () => {
    const [{ orderId }, other] = [
      await paymentNode.paidOrder(10_000, "tok_success", false),
      await paymentNode.paidOrder(10_000, "tok_success", false),
    ];
    const { provider } = paymentNode.cashier;
    const retrieve = provider.retrieve;
    jest
      .spyOn(provider, "retrieve")
      .mockImplementation(({ reference }) =>
        retrieve({ reference: reference === orderId ? other.orderId : reference }),
      );
    const reverse = () => outcome(paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" }));
    expect(await reverse()).toBe("PAYMENT_MISMATCH");
    expect(await paymentNode.charges(other.orderId)).toMatchObject([{ status: "authorized" }]);
    jest.restoreAllMocks();
    expect(await reverse()).toBe("cancelled");
  });

  it("is a refund that the provider confirms and has not made", async () => {
    const { orderId, paymentId: id } = await paymentNode.paidOrder();
    const { provider } = paymentNode.cashier;
    jest.spyOn(provider, "refund").mockImplementation(async () => (await provider.retrieve({ reference: orderId }))!);
    const key = newId();
    const refund = () => paymentNode.as(staff, "payment.refund", { id, amount: won(4000), reason: "damaged" }, key);
    expect(await refund()).toMatchObject({ status: "pending" });
    const told = { id: expect.any(String), reference: orderId, status: "captured", currency: "KRW" };
    const amounts = { authorized: 10_000, captured: 10_000, refunded: 0 };
    expect(JSON.parse((await paymentNode.payment(orderId)).difference!)).toEqual({
      fields: ["refunded"],
      ...told,
      ...amounts,
    });
    jest.restoreAllMocks();
    expect(await refund()).toMatchObject({ status: "succeeded" });
    expect(await paymentNode.charges(orderId)).toMatchObject([{ refunded: won(4000) }]);
  });

  it("after the end is kept and told as well", async () => {
    const { orderId, paymentId, user } = await paymentNode.paidOrder();
    await lie(orderId, { captured: 20_000, authorized: 20_000 });
    await paymentNode.webhook({ id: newId(), type: "charge.captured", charge: { reference: orderId } });
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.mismatched"));
    expect(await paymentNode.as(user, "payment.get", { id: paymentId })).toMatchObject({
      status: "needs_attention",
      captured: won(10_000),
      difference: { fields: ["authorized", "captured"], captured: won(20_000) },
    });
    jest.restoreAllMocks();
    await paymentNode.webhook({ id: newId(), type: "charge.captured", charge: { reference: orderId } });
    await eventually(async () => (await paymentNode.payment(orderId)).difference === null);
    await eventually(async () => (await paymentNode.payment(orderId)).check_at === null);
  });
});
