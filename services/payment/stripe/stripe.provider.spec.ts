/**
 * Payments through Stripe, against a stand-in that answers as Stripe's documentation says.
 * @databases sqlite: what the database sees of a provider is the same for each of them
 */
import { HOUR, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import { Clock } from "../../../test/support/fixtures/clock.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import { eventuallyReconciled, PaymentNode, won } from "../../../test/support/systems/payment-service.ts";
import { type Fault, StripeStandIn, stripeSecrets } from "../../../test/support/systems/stripe-stand-in.ts";

let stripe: StripeStandIn;
let paymentNode: PaymentNode;
let clock: Clock;
beforeAll(async () => {
  stripe = await StripeStandIn.start();
  Object.assign(process.env, {
    PAYMENT_PROVIDER: "stripe",
    PAYMENT_STRIPE_URL: stripe.url,
    PAYMENT_STRIPE_MULTICAPTURE: "on",
    PAYMENT_STRIPE_KEY: stripeSecrets.key,
    PAYMENT_STRIPE_WEBHOOK_SECRET: stripeSecrets.webhook,
    PAYMENT_STRIPE_RETURN_URL: "https://shop.example.test/paid",
  });
  paymentNode = await PaymentNode.open();
});
afterAll(async () => {
  await paymentNode.close();
  await stripe.stop();
});
beforeEach(() => {
  clock = new Clock();
  stripe.requests.length = 0;
});
afterEach(() => jest.restoreAllMocks());

const staff = { id: newId(), role: "staff" as const };
const authorize = (paymentMethod: string, orderId = newId(), userId = newId()) =>
  paymentNode.asOrder("payment.authorize", { orderId, amount: won(10_000), paymentMethod }, userId);
const capture = (orderId: string) => paymentNode.asOrder("payment.capture", { orderId });
const refund = (id: string, amount: number) =>
  paymentNode.as(staff, "payment.refund", { id, amount: won(amount), reason: "damaged" });
const creations = () => stripe.requests.filter((request) => request === "POST /v1/payment_intents");

describe("a payment through Stripe", () => {
  it("is held, captured and given back in parts, and Stripe's books say the same", async () => {
    const { orderId, paymentId } = await paymentNode.paidOrder(10_000, "pm_card_visa");
    await refund(paymentId, 4000);
    await refund(paymentId, 6000);
    expect(stripe.books(orderId)).toMatchObject([{ status: "succeeded", amount: 10_000, refunded: 10_000 }]);
    expect(await paymentNode.payment(orderId)).toMatchObject({
      status: "succeeded",
      captured: 10_000,
      refunded: 10_000,
    });
    const amounts = { amount: won(1), reason: "damaged" };
    const more = paymentNode.as(staff, "payment.refund", { id: paymentId, ...amounts });
    await expect(more).rejects.toMatchObject({ type: "PAYMENT_REFUND_EXCEEDED" });
  });

  it("is captured with its authorization in one request, where it is asked for so", async () => {
    const orderId = newId();
    const asked = { orderId, amount: won(10_000), paymentMethod: "pm_card_visa", capture: true };
    expect(await paymentNode.asOrder("payment.authorize", asked)).toMatchObject({ status: "succeeded" });
    expect(stripe.requests).toEqual(["POST /v1/payment_intents"]);
    await paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" });
    expect(stripe.books(orderId)).toMatchObject([{ captured: 10_000, refunded: 10_000 }]);
  });

  it("is captured in several parts where Stripe has that, and once elsewhere, with the rest released", async () => {
    for (const isMulti of [true, false]) {
      const orderId = newId();
      stripe.hasMulticapture = isMulti;
      await authorize("pm_card_visa", orderId);
      const part = (amount: number, final = false) =>
        paymentNode.asOrder("payment.capture", { orderId, captureId: newId(), amount: won(amount), final });
      if (isMulti) {
        expect(await part(3000)).toMatchObject({ status: "succeeded", capturable: won(7000) });
        await paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" });
        expect(stripe.books(orderId)).toMatchObject([{ status: "succeeded", captured: 3000, refunded: 3000 }]);
      } else {
        await expect(part(3000)).rejects.toMatchObject({ type: "PAYMENT_CAPTURE_ONCE" });
        expect(await part(3000, true)).toMatchObject({ status: "succeeded", capturable: won(0) });
        expect(stripe.books(orderId)).toMatchObject([{ status: "succeeded", captured: 3000 }]);
      }
    }
  });

  it("says so when the bank gave up its authorization", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "pm_card_visa", false);
    stripe.expire(orderId);
    await expect(capture(orderId)).rejects.toMatchObject({ type: "PAYMENT_AUTHORIZATION_EXPIRED" });
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.expired"));
  });

  it("is given up before it is captured", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "pm_card_visa", false);
    await paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" });
    expect(stripe.books(orderId)).toMatchObject([{ status: "canceled" }]);
  });

  it.each([
    ["pm_card_chargeDeclined", "generic_decline"],
    ["pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"],
    ["pm_that_does_not_exist", "resource_missing"],
  ])("is declined with %s, for the reason that Stripe gives", async (method, reason) => {
    const orderId = newId();
    const declined = { type: "PAYMENT_DECLINED", data: { reason } };
    await expect(authorize(method, orderId)).rejects.toMatchObject(declined);
    await expect(authorize(method, orderId)).rejects.toMatchObject(declined);
    expect(creations()).toHaveLength(1);
    await paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" });
  });

  it("waits for the customer's bank (3-D Secure), and goes on when a webhook, or the customer, says so", async () => {
    for (const isTold of [true, false]) {
      const [orderId, userId] = [newId(), newId()];
      const { status, nextAction, paymentId } = await authorize("pm_card_authenticationRequired", orderId, userId);
      expect([status, nextAction]).toEqual([
        "requires_action",
        { type: "redirect", url: expect.stringContaining("https://hooks.stripe.com/") },
      ]);
      stripe.authenticate(orderId);
      if (isTold) {
        const event = stripe.webhook(orderId, "payment_intent.amount_capturable_updated");
        expect(await paymentNode.broker.call("payment.receiveWebhook", event)).toEqual({ received: true });
      } else await paymentNode.as({ id: userId }, "payment.confirm", { id: paymentId });
      await eventually(async () => (await paymentNode.payment(orderId)).status === "requires_capture");
      expect(await capture(orderId)).toMatchObject({ status: "succeeded" });
    }
  });
});

/** Stripe's library sends a request again by itself, with its key, when its connection breaks for the first time. */
const twice = (fault: Fault) => (fault === "lost" ? [fault, fault] : [fault]);

describe("when Stripe's answer is lost, or its server fails", () => {
  it.each(["lost", "failed", "in use"] as const)("an authorization is made once (%s)", async (fault) => {
    const orderId = newId();
    stripe.fail(...twice(fault));
    expect(await authorize("pm_card_visa", orderId)).toMatchObject({ status: "processing" });
    await eventuallyReconciled(clock, async () => (await paymentNode.payment(orderId)).status === "requires_capture");
    expect(stripe.books(orderId)).toHaveLength(1);
    expect(await capture(orderId)).toMatchObject({ status: "succeeded" });
  });

  it.each(["lost", "failed", "in use"] as const)("a capture is made once (%s)", async (fault) => {
    const { orderId } = await paymentNode.paidOrder(10_000, "pm_card_visa", false);
    stripe.fail(...twice(fault));
    expect(await capture(orderId)).toMatchObject({ status: "processing" });
    expect(await capture(orderId)).toMatchObject({ status: "succeeded" });
    expect(stripe.books(orderId)).toMatchObject([{ status: "succeeded", amount: 10_000 }]);
  });

  it.each(["lost", "failed", "in use"] as const)("a refund is made once (%s)", async (fault) => {
    const { orderId, paymentId } = await paymentNode.paidOrder(10_000, "pm_card_visa");
    stripe.fail(...twice(fault));
    await refund(paymentId, 4000);
    await eventuallyReconciled(clock, () => stripe.books(orderId)[0]!.refunded > 0);
    await eventually(async () => {
      const { items } = await paymentNode.as(staff, "payment.listRefunds", { id: paymentId });
      return items[0]!.status === "succeeded";
    });
    expect(stripe.books(orderId)).toMatchObject([{ refunded: 4000 }]);
  });

  it("an order that is cancelled meanwhile leaves nothing held", async () => {
    const orderId = newId();
    stripe.fail(...twice("lost"));
    expect(await authorize("pm_card_visa", orderId)).toMatchObject({ status: "processing" });
    await paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" });
    expect(stripe.books(orderId)).toMatchObject([{ status: "canceled" }]);
  });
});

describe("Stripe's webhooks", () => {
  const receive = (webhook: ReturnType<StripeStandIn["webhook"]>) =>
    paymentNode.broker.call("payment.receiveWebhook", webhook);
  const seconds = () => Math.floor(Date.now() / 1000);

  it("are believed with Stripe's signature of the last five minutes only", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "pm_card_visa");
    const type = "payment_intent.succeeded";
    const invalid = { type: "PAYMENT_SIGNATURE_INVALID" };
    const own = stripe.webhook(orderId, type);
    await expect(receive(stripe.webhook(orderId, type, "whsec_another"))).rejects.toMatchObject(invalid);
    await expect(receive(stripe.webhook(orderId, type, undefined, seconds() - 301))).rejects.toMatchObject(invalid);
    await expect(receive({ ...own, body: `${own.body} ` })).rejects.toMatchObject(invalid);
    await expect(receive({ ...own, headers: {} as typeof own.headers })).rejects.toMatchObject(invalid);
    await expect(receive({ ...own, provider: "sandbox" })).rejects.toMatchObject({ type: "NOT_FOUND" });
    expect([await receive(own), await receive(own)]).toEqual([{ received: true }, { received: true }]);
  });

  it("of a capture that nobody was told of make the payment succeed", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "pm_card_visa", false);
    stripe.capture(orderId);
    await receive(stripe.webhook(orderId, "payment_intent.succeeded"));
    await eventually(async () => (await paymentNode.payment(orderId)).status === "succeeded");
  });

  it.each(["payout.paid", "customer.created", "a.kind.of.later"])(
    "of %s are acknowledged, and change nothing",
    async (type) => {
      stripe.requests.length = 0;
      expect(await receive(stripe.webhook(newId(), type))).toEqual({ received: true });
      expect(stripe.requests).toEqual([]);
    },
  );
});

describe("a dispute at Stripe", () => {
  it("is recorded from its webhook and from Stripe's answer, and what is lost cannot be refunded", async () => {
    const { orderId, paymentId } = await paymentNode.paidOrder(10_000, "pm_card_visa");
    const tell = async (status: string, kind: string) => {
      stripe.dispute(orderId, status, 7000);
      await paymentNode.broker.call("payment.receiveWebhook", stripe.webhook(orderId, `charge.dispute.${kind}`));
    };
    const known = async () => {
      const { items } = await paymentNode.as(staff, "payment.listDisputes", {});
      return items.find((dispute) => dispute.paymentId === paymentId);
    };
    await tell("needs_response", "created");
    await eventually(async () => (await known())?.status === "needs_response");
    expect(await known()).toMatchObject({ amount: won(7000), reason: "fraudulent", dueAt: "2027-01-15T08:00:00.000Z" });
    await tell("lost", "closed");
    await eventually(async () => (await known())?.status === "lost");
    expect(await paymentNode.payment(orderId)).toMatchObject({ captured: 10_000, lost: 7000 });
    await expect(refund(paymentId, 3001)).rejects.toMatchObject({ type: "PAYMENT_REFUND_EXCEEDED" });
    expect(await refund(paymentId, 3000)).toMatchObject({ status: "succeeded" });
  });
});

describe("a method that is saved at Stripe", () => {
  it("is attached to one customer a person, and pays again and again", async () => {
    const user = { id: newId() };
    const save = (token: string) => paymentNode.as(user, "payment.saveMethod", { token });
    const visa = await save("pm_card_visa");
    expect(visa).toMatchObject({ provider: "stripe", brand: "visa", last4: "4242" });
    expect(JSON.stringify(visa)).not.toMatch(/pm_|cus_/);
    expect(await save("pm_card_visa")).toEqual(visa);
    await save("pm_card_mastercard");
    expect(stripe.requests.filter((request) => request === "POST /v1/customers")).toHaveLength(1);
    const orders = [newId(), newId()];
    for (const orderId of orders)
      expect(await authorize(visa.id, orderId, user.id)).toMatchObject({ status: "requires_capture" });
    const customers = orders.map((orderId) => stripe.books(orderId)[0]!.customer);
    expect(customers).toEqual([expect.stringMatching(/^cus_/), customers[0]]);
  });

  it.each(["removed", "removed with the account"])(
    "is forgotten by Stripe when it is %s, though Stripe was away",
    async (how) => {
      const user = { id: newId() };
      const { id } = await paymentNode.as(user, "payment.saveMethod", { token: "pm_card_visa" });
      const orderId = newId();
      stripe.fail("failed");
      expect(await authorize(id, orderId, user.id)).toMatchObject({ status: "processing" });
      const detach = "POST /v1/payment_methods/pm_card_visa/detach";
      if (how === "removed") await paymentNode.as(user, "payment.removeMethod", { id });
      else {
        const cause = { time: timestamp(), source: "user", correlationId: newId(), causationId: newId() };
        const left = { type: "user.deleted", version: 1, subject: `user:${user.id}`, data: { userId: user.id } };
        await localBus(paymentNode.broker).publish([{ id: newId(), ...left, ...cause }]);
      }
      // The payment that is under way is made first.
      expect(stripe.requests).not.toContain(detach);
      await eventuallyReconciled(clock, async () => (await paymentNode.payment(orderId)).status === "requires_capture");
      stripe.fail("failed");
      clock.advance(HOUR);
      await eventuallyReconciled(clock, () => stripe.requests.filter((request) => request === detach).length === 2);
      const left = () => paymentNode.db.query.selectFrom("removed_methods").selectAll().execute();
      await eventually(async () => (await left()).length === 0);
    },
  );

  it("is refused where Stripe does not know it", async () => {
    const saved = paymentNode.as({ id: newId() }, "payment.saveMethod", { token: "pm_nobody_knows" });
    await expect(saved).rejects.toMatchObject({ type: "PAYMENT_METHOD_NOT_FOUND" });
  });
});

it("Stripe's list of a day agrees with our books", async () => {
  const { orderId, paymentId } = await paymentNode.paidOrder(10_000, "pm_card_visa");
  await refund(paymentId, 4000);
  const { list } = paymentNode.cashier.provider;
  const { items } = await list!({ from: Date.now() - 1000, to: Date.now() + 1000 });
  const charge = stripe.books(orderId)[0]!.id;
  expect(items.filter((movement) => movement.charge === charge)).toMatchObject([
    { kind: "capture", reference: orderId, amount: 10_000, currency: "KRW", fee: 30 },
    { kind: "refund", reference: orderId, amount: 4000 },
  ]);
});
