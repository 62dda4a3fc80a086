/**
 * What a crash, a silent provider or a late answer leaves behind, and how it is put right.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { DELAY, eventuallyReconciled, PaymentNode, won } from "../../test/support/systems/payment-service.ts";
import { payment } from "./payment.contract.ts";
import type { PaymentProvider } from "./payment.provider.ts";

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

const authorize = (orderId: string, paymentMethod = "tok_success") =>
  paymentNode.asOrder("payment.authorize", { orderId, amount: won(10_000), paymentMethod });
const capture = (orderId: string) => paymentNode.asOrder("payment.capture", { orderId });
const reverse = (orderId: string) => paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" });
const statusOf = async (orderId: string) => (await paymentNode.payment(orderId)).status;
const edit = (orderId: string, fields: object) =>
  paymentNode.db.write((tx) => tx.query.updateTable("payments").set(fields).where("order_id", "=", orderId).execute());
const restart = async () => {
  await paymentNode.close();
  paymentNode = await PaymentNode.open();
};
/** Resolves when so much time has passed that this is so. */
const becomes = (look: () => unknown) => eventuallyReconciled(clock, look);
type Call = "authorize" | "capture" | "cancel" | "refund" | "retrieve";
const silent = payment.error("PROVIDER_UNAVAILABLE");

/** The provider hears nothing. */
const away = (...calls: Call[]) =>
  calls.map((call) => jest.spyOn(paymentNode.cashier.provider, call).mockRejectedValue(silent));

/** The request takes effect, but the answer is lost, once. */
function answerLost(call: "authorize" | "capture" | "cancel" | "refund") {
  const { provider } = paymentNode.cashier;
  const ask = provider[call] as (request: unknown) => Promise<never>;
  const lose = async (request: unknown) => {
    await ask(request);
    throw silent;
  };
  jest.spyOn(provider, call).mockImplementationOnce(lose as never);
}

describe("a process that died", () => {
  it("before the provider was asked, asks it", async () => {
    const orderId = newId();
    away("authorize", "retrieve");
    expect(await authorize(orderId)).toMatchObject({ status: "processing" });
    expect(await paymentNode.charges(orderId)).toEqual([]);
    await restart();
    await becomes(async () => (await statusOf(orderId)) === "requires_capture");
    expect(await capture(orderId)).toMatchObject({ status: "succeeded" });
  });

  it("before the provider's answer was stored, learns it", async () => {
    const orderId = newId();
    answerLost("authorize");
    expect(await authorize(orderId)).toMatchObject({ status: "processing" });
    await restart();
    await becomes(async () => (await statusOf(orderId)) === "requires_capture");
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.authorized"));
    expect(await paymentNode.charges(orderId)).toHaveLength(1);
  });

  it("before the capture was stored, learns it without being asked", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
    answerLost("capture");
    expect(await capture(orderId)).toMatchObject({ status: "processing" });
    await restart();
    await becomes(async () => (await statusOf(orderId)) === "succeeded");
  });

  it.each([true, false])(
    "with its database restored from before the payment, charges once (captured: %p)",
    async (taken) => {
      const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", taken);
      await paymentNode.db.write(({ query }) => query.deleteFrom("payments").where("order_id", "=", orderId).execute());
      await authorize(orderId);
      expect(await capture(orderId)).toMatchObject({ status: "succeeded" });
      expect(await paymentNode.charges(orderId)).toMatchObject([{ captured: won(10_000), refunded: won(0) }]);
    },
  );

  it("between a refund's beginning and its end, ends it", async () => {
    const { paymentId, orderId } = await paymentNode.paidOrder();
    away("refund");
    const staff = { id: newId(), role: "staff" as const };
    const request = { id: paymentId, amount: won(4000), reason: "damaged" };
    expect(await paymentNode.as(staff, "payment.refund", request)).toMatchObject({ status: "pending" });
    await restart();
    await becomes(() => paymentNode.eventTypes(orderId).includes("payment.refunded"));
    expect(await paymentNode.charges(orderId)).toMatchObject([{ refunded: won(4000) }]);
  });

  it("between a reversal's beginning and its end, ends it, no later than any other", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
    const inAnHour = Date.now() + 3_600_000;
    await edit(orderId, { check_at: inAnHour });
    away("cancel");
    await expect(reverse(orderId)).rejects.toMatchObject({ code: 503, type: "PAYMENT_PROVIDER_UNAVAILABLE" });
    const row = await paymentNode.payment(orderId);
    expect(row.status).toBe("cancelled");
    expect(row.check_at).toBeLessThan(inAnHour);
    await restart();
    await becomes(async () => (await paymentNode.charges(orderId))[0]!.status === "voided");
  });

  it("keeps news that was not delivered", async () => {
    const orderId = newId();
    await authorize(orderId, "tok_delayed");
    await restart();
    clock.advance(DELAY);
    await eventually(async () => (await statusOf(orderId)) === "requires_capture");
  });
});

describe("a provider whose answer is lost", () => {
  it("has captured when it is asked again", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
    answerLost("capture");
    expect(await capture(orderId)).toMatchObject({ status: "processing" });
    expect(await capture(orderId)).toMatchObject({ status: "succeeded" });
  });

  it("has captured when the order is reversed instead, and refunds", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
    answerLost("capture");
    await capture(orderId);
    expect(await reverse(orderId)).toMatchObject({ status: "refunded" });
    expect(await paymentNode.charges(orderId)).toMatchObject([{ captured: won(10_000), refunded: won(10_000) }]);
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.refunded"));
  });

  it("is asked to reverse until it has", async () => {
    const { orderId } = await paymentNode.paidOrder();
    answerLost("refund");
    await expect(reverse(orderId)).resolves.toMatchObject({ status: "refunded" });
    expect(await paymentNode.charges(orderId)).toMatchObject([{ refunded: won(10_000) }]);
  });
});

describe("an authorization that reaches the provider after the reversal", () => {
  async function overtaken(answered: boolean) {
    const { provider } = paymentNode.cashier;
    const ask = provider.authorize;
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    jest.spyOn(provider, "authorize").mockImplementationOnce(async (request) => {
      await gate;
      const charge = await ask(request);
      if (!answered) throw silent;
      return charge;
    });
    const orderId = newId();
    const asked = authorize(orderId);
    await eventually(() => paymentNode.payment(orderId).catch(() => null));
    expect(await reverse(orderId)).toMatchObject({ status: "cancelled" });
    open();
    await expect(asked).rejects.toMatchObject({ type: "PAYMENT_CANCELLED" });
    return orderId;
  }

  it("is voided when its answer comes", async () => {
    const orderId = await overtaken(true);
    expect(await paymentNode.charges(orderId)).toMatchObject([{ status: "voided" }]);
  });

  it("is voided by the sweep when no answer comes", async () => {
    const orderId = await overtaken(false);
    await becomes(async () => (await paymentNode.charges(orderId))[0]!.status === "voided");
    // Our books follow the provider's.
    await becomes(async () => (await paymentNode.payment(orderId)).check_at === null);
    expect(await statusOf(orderId)).toBe("cancelled");
  });
});

it("an authorization that comes after the payment has failed is voided though the process died", async () => {
  const { Settlement } = await import("./payment.settlement.ts");
  const { provider } = paymentNode.cashier;
  const ask = provider.authorize;
  jest.spyOn(provider, "authorize").mockImplementationOnce(async (request) => {
    const charge = await ask(request);
    await edit(request.reference, { status: "failed", check_at: null });
    return charge;
  });
  jest.spyOn(Settlement.prototype, "release").mockRejectedValueOnce(new Error("The process died."));
  const orderId = newId();
  await expect(authorize(orderId)).rejects.toThrow();
  await restart();
  await becomes(async () => (await paymentNode.charges(orderId))[0]!.status === "voided");
});

it("an authorization whose answer is older than the reversal is known as cancelled", async () => {
  const { provider } = paymentNode.cashier;
  const ask = provider.authorize;
  const orderId = newId();
  jest.spyOn(provider, "authorize").mockImplementationOnce(async (request) => {
    const charge = await ask(request);
    await reverse(orderId);
    return charge;
  });
  await expect(authorize(orderId, "tok_delayed")).rejects.toMatchObject({ type: "PAYMENT_CANCELLED" });
  expect(await paymentNode.charges(orderId)).toMatchObject([{ status: "voided" }]);
});

it("a payment that the provider never heard of is watched for a day after it was given up", async () => {
  const orderId = newId();
  away("authorize");
  await authorize(orderId);
  jest.restoreAllMocks();
  await reverse(orderId);
  expect((await paymentNode.payment(orderId)).check_at).not.toBeNull();
  const created_at = new Date(Date.now() - 25 * 60 * 60 * 1000).toISOString();
  await edit(orderId, { created_at, check_at: 0 });
  await eventually(async () => (await paymentNode.payment(orderId)).check_at === null);
});

it("a capture that comes after a reversal of which the provider has not heard takes nothing", async () => {
  const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
  away("cancel");
  await expect(reverse(orderId)).rejects.toMatchObject({ type: "PAYMENT_PROVIDER_UNAVAILABLE" });
  await expect(capture(orderId)).rejects.toMatchObject({ type: "PAYMENT_CANCELLED" });
  expect(await paymentNode.charges(orderId)).toMatchObject([{ captured: won(0) }]);
  jest.restoreAllMocks();
  expect(await reverse(orderId)).toMatchObject({ status: "cancelled" });
});

it("a capture that the provider makes while the reversal looks away is refunded", async () => {
  const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
  const { provider } = paymentNode.cashier;
  const cancel: PaymentProvider["cancel"] = provider.cancel;
  jest.spyOn(provider, "cancel").mockImplementationOnce(async (request) => {
    await provider.capture({ key: newId(), charge: request.charge });
    return cancel(request);
  });
  expect(await reverse(orderId)).toMatchObject({ status: "refunded" });
});

describe("money that was taken for a cancelled order", () => {
  /** Reverses what the provider has captured unheard. */
  async function reverseCaptured(known?: object) {
    const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
    answerLost("capture");
    await capture(orderId);
    if (known) await edit(orderId, known);
    await expect(reverse(orderId)).rejects.toThrow();
    return orderId;
  }
  const isBack = async (orderId: string) => {
    await becomes(async () => (await paymentNode.charges(orderId))[0]!.refunded.amount === 10_000);
    await becomes(async () => (await paymentNode.payment(orderId)).check_at === null);
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.refunded"));
  };

  it.each([undefined, { status: "failed", check_at: null }])(
    "is given back though the process died before the refund was opened (our books: %j)",
    async (known) => {
      const { Refunds } = await import("./refund.settlement.ts");
      jest.spyOn(Refunds.prototype, "rest").mockRejectedValueOnce(new Error("The process died."));
      const orderId = await reverseCaptured(known);
      await restart();
      await isBack(orderId);
    },
  );

  it("is given back though the provider refused that at first", async () => {
    const { ProviderRefusal } = await import("./payment.provider.ts");
    const refusing = jest.spyOn(paymentNode.cashier.provider, "refund").mockRejectedValue(new ProviderRefusal("later"));
    const orderId = await reverseCaptured();
    refusing.mockRestore();
    await isBack(orderId);
  });
});

it("an authorization that the provider gave up by itself is found by asking", async () => {
  const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
  const { id } = (await paymentNode.cashier.provider.retrieve({ reference: orderId }))!;
  await paymentNode.cashier.provider.cancel({ key: newId(), charge: id });
  await becomes(async () => (await statusOf(orderId)) === "cancelled");
  await eventually(() => paymentNode.eventTypes(orderId).includes("payment.cancelled"));
});
