/** A failure at every step of an order, before and after its effect, once and again, and one that arrives too late. */
import type { Fault } from "../support/faults/call-faults.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Clock } from "../support/fixtures/clock.ts";
import { OrderServices } from "../support/systems/order-services.ts";

process.env.ORDER_ANSWER_BUDGET = "200";
// Milliseconds, which pass by hand: longer than a busy machine needs for an order.
const ORDER_PATIENCE = 600_000;
process.env.ORDER_PATIENCE = `${ORDER_PATIENCE}`;
process.env.PAYMENT_PROVIDER_TIMEOUT = "20000";
process.env.PAYMENT_RECONCILE_AFTER = "400";

// It never goes back: what is planned for later would be out of reach.
const clock = new Clock();
const services = await OrderServices.open();

const forward = [
  "product.reserve",
  "user.holdBenefits",
  "payment.authorize",
  "payment.capture",
  "product.commit",
  "user.redeemBenefits",
];
const withoutPayment = forward.filter((action) => !action.startsWith("payment."));
const backward = ["payment.reverse", "user.releaseBenefits", "product.release"];
const beforeThePivot = ["product.reserve", "user.holdBenefits", "payment.authorize"];

/** Each action failing in each way. */
const faultsOf = (actions: readonly string[], modes: readonly Fault["mode"][], times: readonly number[]): Fault[] =>
  actions.flatMap((action) => modes.flatMap((mode) => times.map((count) => ({ action, mode, times: count }))));

const passing = (actions: readonly string[]) => faultsOf(actions, ["before", "after"], [1, 2]);
const lasting = (actions: readonly string[], ...modes: readonly Fault["mode"][]) =>
  faultsOf(actions, modes, [Infinity]);

afterAll(() => services.close());
afterEach(async () => expect(await services.violations()).toEqual([]));

describe("a step that fails", () => {
  it.each(passing(forward))("is asked again until it is done: $action, $mode its effect, $times ×", async (fault) => {
    const placed = await services.placeOrder("tok_success", fault);
    await services.reaches("confirmed", placed);
  });

  it.each(faultsOf(beforeThePivot, ["before", "after"], [1]))(
    "is asked again until it is refused: $action, $mode its effect",
    async (fault) => {
      const placed = await services.placeOrder("tok_declined", fault);
      expect(await services.reaches("cancelled", placed)).toMatchObject({ reason: "PAYMENT_DECLINED" });
    },
  );

  it.each(passing(withoutPayment))(
    "is asked again for an order that points pay wholly: $action, $mode its effect, $times ×",
    async (fault) => {
      const placed = await services.placeOrder("tok_success", fault, 100_000);
      expect(await services.reaches("confirmed", placed)).toMatchObject({ paymentId: null });
    },
  );

  it("is undone when it goes on failing, whether it had its effect or not", async () => {
    const faults = lasting(beforeThePivot, "before", "after", "late");
    const orders = await Promise.all(faults.map((fault) => services.placeOrder("tok_success", fault)));
    clock.advance(ORDER_PATIENCE);
    await Promise.all(orders.map((placed) => services.reaches("cancelled", placed)));
  });
});

describe("an attempt of a call that fails", () => {
  it.each(passing(forward))("is repeated until it is done: $action, $mode its effect, $times ×", async (fault) => {
    const placed = await services.placeOrder("tok_success", { ...fault, isOfAttempts: true });
    await services.reaches("confirmed", placed);
  });

  it.each([
    { action: "product.reserve", paymentMethod: "tok_success", sellable: 1, reason: "PRODUCT_OUT_OF_STOCK" },
    { action: "payment.authorize", paymentMethod: "tok_declined", sellable: 1000, reason: "PAYMENT_DECLINED" },
  ])(
    "has no effect when it arrives after the repetition was refused: $action",
    async ({ action, paymentMethod, sellable, reason }) => {
      await services.setStock(sellable);
      const placed = await services.placeOrder(paymentMethod, { action, mode: "late", times: 1, isOfAttempts: true });
      expect(await services.reaches("cancelled", placed)).toMatchObject({ reason });
      await services.setStock(1000);

      const late = await services.faults.arrive(placed.requestId);
      expect(late.map(({ status }) => status)).toEqual(["rejected"]);
    },
  );
});

describe("a compensation that fails", () => {
  it.each(passing(backward))("is asked again until it is done: $action, $mode its effect, $times ×", async (fault) => {
    const placed = await services.placeOrder("tok_success");
    services.faults.plan(placed.requestId, fault);
    await services.cancel(placed);
    await services.reaches("cancelled", placed);
  });
});

describe("a call that arrives after all was undone", () => {
  it.each(lasting(forward, "late"))("has no effect: $action", async (fault) => {
    const placed = await services.placeOrder("tok_success", fault);
    // The request is answered after 200 ms, which on a busy machine may be before the step.
    await eventually(() => services.faults.lateCalls(placed.requestId) > 0);
    await services.cancel(placed);
    await services.reaches("cancelled", placed);

    const late = await services.faults.arrive(placed.requestId);
    expect(late.map(({ status }) => status)).toEqual(late.map(() => "rejected"));
  });

  it.each(faultsOf(backward, ["late"], [2]))("undoes nothing twice: $action", async (fault) => {
    const placed = await services.placeOrder("tok_success");
    services.faults.plan(placed.requestId, fault);
    await services.cancel(placed);
    await services.reaches("cancelled", placed);

    const late = await services.faults.arrive(placed.requestId);
    expect(late.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  });
});
