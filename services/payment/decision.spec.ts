/**
 * Whoever was answered while a payment was undecided is told of its decision, and nobody else.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Envelope } from "#core/envelope.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { DELAY, PaymentNode, won } from "../../test/support/systems/payment-service.ts";
import { payment } from "./payment.contract.ts";
import * as payments from "./payment.repository.ts";

let paymentNode: PaymentNode;
let clock: Clock;
let events: Envelope<{ orderId: string }>[];
beforeAll(async () => {
  paymentNode = await PaymentNode.open();
  const types = ["payment.authorized", "payment.failed", "payment.decided"];
  localBus(paymentNode.broker).subscribe(
    "listener",
    types,
    async (heard) => void events.push(...(heard as typeof events)),
  );
});
afterAll(() => paymentNode.close());
beforeEach(() => {
  events = [];
  clock = new Clock();
});
afterEach(() => jest.restoreAllMocks());

const authorize = (orderId: string, paymentMethod = "tok_success", user = newId()) =>
  paymentNode.asOrder("payment.authorize", { orderId, amount: won(10_000), paymentMethod }, user);
/** The types of an order's events, once the last one has come. */
const told = async (orderId: string, last: string) => {
  const types = () => events.filter(({ data }) => data.orderId === orderId).map(({ type }) => type);
  await eventually(() => types().at(-1) === last);
  return types();
};

/** Holds the first authorization before it reaches the provider, and until it is let through no question is answered. */
async function slowProvider(): Promise<{ held: Promise<void>; letThrough: () => void }> {
  const { SandboxProvider } = await import("./sandbox/sandbox.provider.ts");
  const [arrival, passage] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const send = SandboxProvider.prototype.authorize;
  jest.spyOn(SandboxProvider.prototype, "authorize").mockImplementationOnce(async function (this: never, request) {
    arrival.resolve();
    await passage.promise;
    return send.call(this, request);
  });
  const asked = jest.spyOn(SandboxProvider.prototype, "retrieve").mockRejectedValue(new Error("no answer"));
  const letThrough = () => {
    asked.mockRestore();
    passage.resolve();
  };
  return { held: arrival.promise, letThrough };
}

describe("payment.decided", () => {
  it.each([
    ["tok_success", "payment.authorized"],
    ["tok_declined", "payment.failed"],
  ])("is not published when the request itself is answered with the decision: %s", async (method, event) => {
    const orderId = newId();
    await authorize(orderId, method).catch(() => {});
    expect(await told(orderId, event)).toEqual([event]);
    expect(await paymentNode.payment(orderId)).toMatchObject({ awaited: 0 });
  });

  it("follows an authorization that comes by webhook", async () => {
    const orderId = newId();
    expect(await authorize(orderId, "tok_delayed")).toMatchObject({ status: "processing" });
    clock.advance(DELAY);
    expect(await told(orderId, "payment.decided")).toEqual(["payment.authorized", "payment.decided"]);
  });

  it("follows the customer's 3-D Secure challenge", async () => {
    const { orderId, paymentId, user } = await paymentNode.paidOrder(10_000, "tok_3ds", false);
    await paymentNode.as(user, "payment.confirm", { id: paymentId });
    expect(await told(orderId, "payment.decided")).toEqual(["payment.authorized", "payment.decided"]);
  });

  it("follows a first request that ends after a second one was answered as undecided", async () => {
    const [orderId, user] = [newId(), newId()];
    const { held, letThrough } = await slowProvider();
    const first = authorize(orderId, "tok_success", user);
    await held;
    expect(await authorize(orderId, "tok_success", user)).toMatchObject({ status: "processing" });
    letThrough();
    expect(await first).toMatchObject({ status: "requires_capture" });
    expect(await told(orderId, "payment.decided")).toEqual(["payment.authorized", "payment.decided"]);
  });

  it("is not published when a second request gets the decision, because the answer to the first was lost", async () => {
    const [orderId, userId] = [newId(), newId()];
    // The process died before it had the provider's answer.
    const opened = await payments.open(paymentNode.db, {
      ...won(10_000),
      order_id: orderId,
      purpose: "order",
      user_id: userId,
      provider: "sandbox",
      token: "tok_success",
      status: "processing",
      reason: null,
      check_at: null,
    });
    await paymentNode.cashier.provider.authorize({
      key: orderId,
      reference: orderId,
      amount: won(10_000),
      token: "tok_success",
    });
    expect(await authorize(orderId, "tok_success", userId)).toEqual({
      paymentId: opened.row.id,
      status: "requires_capture",
      captures: "several",
      nextAction: null,
    });
    expect(await told(orderId, "payment.authorized")).toEqual(["payment.authorized"]);
  });

  it("is published for a payment that the release before opened, whose row does not say who waits", async () => {
    const { orderId, paymentId, user } = await paymentNode.paidOrder(10_000, "tok_3ds", false);
    const { awaited: _, ...row } = await paymentNode.payment(orderId);
    await paymentNode.db.write(async ({ query }) => {
      await query.deleteFrom("payments").where("id", "=", paymentId).execute();
      await query
        .insertInto("payments")
        .values(row as never)
        .execute();
    });
    await paymentNode.as(user, "payment.confirm", { id: paymentId });
    expect(await told(orderId, "payment.decided")).toEqual(["payment.authorized", "payment.decided"]);
  });
});

describe("a request that finds a payment undecided", () => {
  it("is answered with the decision that was made before it could be told of it", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
    const decided = await paymentNode.payment(orderId);
    const seen = { ...decided, status: "processing", awaited: 0 } as const;
    expect(await payments.awaited(paymentNode.db, seen)).toMatchObject({ status: "requires_capture", awaited: 0 });
  });

  it("has a decision that was made at the same time start anew", async () => {
    const orderId = newId();
    await authorize(orderId, "tok_timeout");
    const seen = { ...(await paymentNode.payment(orderId)), awaited: 0 };
    const late = () => payment.error("NOT_FOUND");
    const moving = paymentNode.db.write(async (tx) =>
      tx.add(payments.move(seen, { ...seen, status: "requires_capture" }, late)),
    );
    await expect(moving).rejects.toMatchObject({ type: "NOT_FOUND" });
  });
});
