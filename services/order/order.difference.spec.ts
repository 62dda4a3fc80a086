/**
 * An order whose payment provider says something else than was agreed: it is parked for a person, never confirmed.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { metricLines } from "#mixins/node/metric-sources.ts";
import { address } from "../../test/support/actors/client.ts";
import { answerWrongly } from "../../test/support/faults/wrong-provider-answers.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { webhook } from "../../test/support/actors/webhook.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open({ PAYMENT_PROVIDER_TIMEOUT: "4000", ORDER_ANSWER_BUDGET: "8000" });
  staff = await allServices.person("staff");
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
  tea = await allServices.product();
});
afterEach(() => jest.restoreAllMocks());

const place = () =>
  customer.call("order.create", {
    items: [{ productId: tea, quantity: 1 }],
    paymentMethod: "tok_success",
    shippingAddress: address,
  });

describe("order.create", () => {
  it.each(["authorize", "capture"] as const)(
    "parks the order when the answer to %s differs, and goes on later",
    async (operation) => {
      await answerWrongly(
        (charge) => ({ ...charge, authorized: charge.authorized && 1, captured: charge.captured && 1 }),
        operation,
        "retrieve",
      );
      const order = await place();
      expect(order).toMatchObject({ status: "needs_attention", reason: "PAYMENT_MISMATCH" });
      await eventually(() => allServices.eventTypes(order.id).length === 2);
      expect(allServices.eventTypes(order.id)).toEqual(["order.placed", "order.parked"]);
      expect((await staff.call("order.listParked", {})).items.map(({ id }) => id)).toContain(order.id);
      expect(await customer.call("product.getStock", { id: tea })).toMatchObject({ onHand: 10, held: 1 });
      await eventually(async () => {
        const { items } = await customer.call("order.getTimeline", { id: order.id });
        return items.some(({ step, state }) => step === "payment" && state === "mismatched");
      });
      expect(await staff.call("order.retry", { id: order.id })).toMatchObject({ status: "needs_attention" });
      jest.restoreAllMocks();
      expect(await staff.call("order.retry", { id: order.id })).toMatchObject({ status: "confirmed", reason: null });
    },
  );

  it("confirms it when only the answer was garbled, and the provider says so when it is asked", async () => {
    await answerWrongly((charge) => ({ ...charge, captured: 1.5, currency: "USD" }), "capture");
    expect((await place()).status).toBe("pending");
    jest.restoreAllMocks();
    await answerWrongly((charge) => ({ ...charge, captured: 1, currency: "USD" }), "capture");
    expect(await place()).toMatchObject({ status: "confirmed" });
  });
});

describe("order.cancel", () => {
  it("parks the order again when what was taken is not ours to give back, and ends it once it is", async () => {
    await answerWrongly((charge) => ({ ...charge, currency: "USD" }), "capture", "retrieve");
    const { id, status } = await place();
    expect(status).toBe("needs_attention");
    expect(await customer.call("order.cancel", { id })).toMatchObject({ status: "needs_attention" });
    jest.restoreAllMocks();
    expect(await staff.call("order.retry", { id })).toMatchObject({ status: "cancelled" });
    const { paymentId } = await customer.call("order.get", { id });
    expect(await customer.call("payment.get", { id: paymentId! })).toMatchObject({
      refunded: won(1000),
      difference: null,
    });
    expect(await customer.call("product.getStock", { id: tea })).toEqual({ onHand: 10, held: 0, sellable: 10 });
  });
});

describe("a difference that is told after the order was confirmed", () => {
  it("leaves the order, and brings a person: the payment needs attention, the story and the metrics say so", async () => {
    const { id, status, paymentId } = await place();
    expect(status).toBe("confirmed");
    const faults = async () => {
      const lines = (await metricLines(allServices.broker)).join("\n");
      return Number(/provider_faults_total\{kind="difference"\} (\d+)/.exec(lines)![1]);
    };
    const before = await faults();
    await answerWrongly((charge) => ({ ...charge, captured: 1 }), "retrieve");
    const charge = { reference: id, status: "captured", authorized: 1000, captured: 1, refunded: 0, currency: "KRW" };
    await webhook(allServices.broker, { id: newId(), type: "charge.captured", charge });
    const payment = () => customer.call("payment.get", { id: paymentId! });
    await eventually(async () => (await payment()).status === "needs_attention");
    await eventually(async () => {
      const { items } = await customer.call("order.getTimeline", { id });
      return items.some(({ step, state }) => step === "payment" && state === "mismatched");
    });
    expect(await faults()).toBeGreaterThan(before);
    expect((await customer.call("order.get", { id })).status).toBe("confirmed");
    jest.restoreAllMocks();
    await webhook(allServices.broker, { id: newId(), type: "charge.captured", charge });
    await eventually(async () => (await payment()).status === "succeeded");
  });
});

describe("a webhook of another amount", () => {
  it("confirms nothing", async () => {
    const order = await customer.call("order.create", {
      items: [{ productId: tea, quantity: 1 }],
      paymentMethod: "tok_3ds",
      shippingAddress: address,
    });
    expect(order.status).toBe("pending");
    for (const [captured, currency] of [
      [0, "KRW"],
      [1, "KRW"],
      [1000, "USD"],
      [1000, "KRW"],
    ] as const) {
      const charge = { reference: order.id, status: "captured", authorized: captured, captured, refunded: 0, currency };
      await webhook(allServices.broker, { id: newId(), type: "charge.captured", charge });
    }
    const { paymentId } = await customer.call("order.get", { id: order.id });
    await customer.call("payment.confirm", { id: paymentId! });
    await eventually(async () => (await customer.call("order.get", { id: order.id })).status === "confirmed");
    expect(await customer.call("payment.get", { id: paymentId! })).toMatchObject({ captured: won(1000) });
  });
});
