/**
 * Orders that keep failing: parked for a person, who goes on with them or ends them by hand.
 * @databases sqlite postgres
 */
import { Errors } from "moleculer";
import type { Output } from "#core/contract.ts";
import { address } from "../../test/support/actors/client.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let admin: Person;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_ATTEMPTS: "1" });
  [staff, admin] = [await allServices.person("staff"), await allServices.person("admin")];
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
  tea = await allServices.product();
});

type Order = Output<"order.get">;

const place = (key: string) =>
  customer.ask(
    "order.create",
    { items: [{ productId: tea, quantity: 1 }], paymentMethod: "tok_success", shippingAddress: address },
    key,
  );
const becomes = (id: string, status: string) =>
  eventually(async () => (await customer.call("order.get", { id })).status === status);
const stockOf = (id: string) => customer.call("product.getStock", { id });
const stepsOf = async ({ id }: Order) =>
  (await customer.call("order.getTimeline", { id })).items.map(({ step, state }) => `${step} ${state}`);

/** An order whose payment service goes away after it has begun. By default the service comes back afterwards. */
async function park(key: string, { restored = true } = {}): Promise<Order> {
  const { broker } = allServices;
  const call = broker.call.bind(broker);
  const calls = jest
    .spyOn(broker, "call")
    .mockImplementation(((name: string, params: object, options: object) =>
      name === "payment.authorize"
        ? Promise.reject(new Errors.ServiceNotAvailableError({ action: name }))
        : call(name, params, options)) as never);
  const { answer } = await place(key);
  expect(answer.status).toBe("needs_attention");
  if (restored) calls.mockRestore();
  return answer;
}

describe("an order that nobody could pay", () => {
  it("is not begun, and its key is free", async () => {
    await allServices.remove("payment");
    await expect(place("early-1")).rejects.toMatchObject({ type: "SERVICE_NOT_AVAILABLE" });
    await allServices.restore("payment");
    expect(await customer.call("order.list", {})).toMatchObject({ items: [] });
    expect((await place("early-1")).answer.status).toBe("confirmed");
  });
});

describe("an order that keeps failing", () => {
  it("is parked with the reason, told, and listed for staff alone", async () => {
    const order = await park("park-1");
    expect(order.reason).toBe("SERVICE_NOT_AVAILABLE");
    await eventually(() => allServices.eventTypes(order.id).length === 2);
    expect(allServices.eventTypes(order.id)).toEqual(["order.placed", "order.parked"]);
    const { items } = await staff.call("order.listParked", { limit: 1 });
    expect(items).toEqual([order]);
    await expect(customer.call("order.listParked", {})).rejects.toMatchObject({ code: 403, type: "FORBIDDEN" });
    // Its request is not decided yet.
    expect(await place("park-1")).toMatchObject({ replayed: true, answer: order });
  });

  it("may still be cancelled by its customer", async () => {
    const order = await park("park-2");
    expect(await customer.call("order.cancel", { id: order.id })).toMatchObject({ status: "cancelled" });
    expect(await stockOf(tea)).toEqual({ onHand: 10, held: 0, sellable: 10 });
  });

  it("is parked as well when it cannot be undone", async () => {
    const { answer: order } = await place("park-3");
    await allServices.remove("payment");
    expect(await customer.call("order.cancel", { id: order.id })).toMatchObject({ status: "needs_attention" });
    await allServices.restore("payment");
    expect(await staff.call("order.retry", { id: order.id })).toMatchObject({ status: "cancelled" });
    expect(await stockOf(tea)).toEqual({ onHand: 10, held: 0, sellable: 10 });
    expect(await customer.call("payment.get", { id: order.paymentId! })).toMatchObject({ refunded: won(1000) });
  });
});

describe("order.retry", () => {
  it("goes on where it failed, and its first request gets its answer", async () => {
    const order = await park("retry-1");
    expect(await staff.call("order.retry", { id: order.id })).toMatchObject({ status: "confirmed", reason: null });
    expect(await stockOf(tea)).toEqual({ onHand: 9, held: 0, sellable: 9 });
    expect(await stepsOf(order)).toContain("retry asked");
    expect(await place("retry-1")).toMatchObject({ replayed: true, answer: { id: order.id, status: "confirmed" } });
  });

  it("parks it again when it fails again", async () => {
    const order = await park("retry-2", { restored: false });
    expect(await staff.call("order.retry", { id: order.id })).toMatchObject({ status: "needs_attention" });
    await eventually(() => allServices.eventTypes(order.id).length === 3);
    expect(allServices.eventTypes(order.id)).toEqual(["order.placed", "order.parked", "order.parked"]);
    jest.restoreAllMocks();
    expect(await staff.call("order.retry", { id: order.id })).toMatchObject({ status: "confirmed" });
  });

  it("takes effect once, however often and at once it is asked", async () => {
    const order = await park("retry-4");
    const asked = Array.from({ length: 10 }, (_, n) => staff.ask("order.retry", { id: order.id }, `again-${n % 2}`));
    const answers = await Promise.allSettled(asked);
    const refused = answers.filter((one) => one.status === "rejected").map(({ reason }) => (reason as Error).message);
    expect(new Set(refused)).toEqual(new Set(["The order does not need attention"]));
    expect(refused).toHaveLength(5);
    expect((await stepsOf(order)).filter((step) => step === "retry asked")).toHaveLength(1);
    expect(await staff.ask("order.retry", { id: order.id }, "again-0").catch(() => null)).not.toEqual(
      await staff.ask("order.retry", { id: order.id }, "again-1").catch(() => null),
    );
  });

  it("rejects with NOT_PARKED, NOT_FOUND, and customers", async () => {
    const { id } = (await place("retry-3")).answer;
    await becomes(id, "confirmed");
    await expect(staff.call("order.retry", { id })).rejects.toMatchObject({ code: 409, type: "ORDER_NOT_PARKED" });
    await expect(staff.call("order.retry", { id: tea })).rejects.toMatchObject({ code: 404, type: "NOT_FOUND" });
    await expect(customer.call("order.retry", { id })).rejects.toMatchObject({ code: 403, type: "FORBIDDEN" });
  });
});

describe("order.settle", () => {
  it.each(["confirmed", "cancelled"] as const)("ends it as %s by hand, with a note, and tells it", async (status) => {
    const order = await park(`settle-${status}`);
    const settled = await admin.call("order.settle", { id: order.id, status, note: "Agreed by phone" });
    const reason = status === "cancelled" ? "ORDER_CANCELLED_BY_SHOP" : null;
    expect(settled).toMatchObject({ status, reason, version: order.version + 1 });
    expect(await stepsOf(order)).toContain(`settle ${status}`);
    await eventually(() => allServices.eventTypes(order.id).length === 3);
    expect(allServices.eventTypes(order.id)).toEqual(["order.placed", "order.parked", `order.${status}`]);
    // Nobody knows what they agreed about the money.
    expect(allServices.events.at(-1)!.data).not.toHaveProperty("payment");
    await expect(staff.call("order.retry", { id: order.id })).rejects.toMatchObject({ type: "ORDER_NOT_PARKED" });
  });

  it("answers the request that began it", async () => {
    const confirmed = await park("settle-1");
    await admin.call("order.settle", { id: confirmed.id, status: "confirmed", note: "Paid in cash" });
    expect(await place("settle-1")).toMatchObject({
      replayed: true,
      answer: { id: confirmed.id, status: "confirmed" },
    });
    const cancelled = await park("settle-2");
    await admin.call("order.settle", { id: cancelled.id, status: "cancelled", note: "Gave up" });
    await expect(place("settle-2")).rejects.toMatchObject({ code: 409, type: "ORDER_CANCELLED" });
  });

  it("takes effect once under its key, and not in two ways at once", async () => {
    const order = await park("settle-4");
    const settle = (status: "confirmed" | "cancelled", key: string) =>
      admin.ask("order.settle", { id: order.id, status, note: "Agreed by phone" }, key);
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => settle(n % 2 ? "confirmed" : "cancelled", `settle-${n % 2}`)),
    );
    const [one, ...same] = answers.filter((answer) => answer.status === "fulfilled");
    expect(same.every(({ value }) => value.answer.status === one!.value.answer.status)).toBe(true);
    expect([one, ...same].filter((answer) => !answer!.value.replayed)).toHaveLength(1);
    expect((await stepsOf(order)).filter((step) => step.startsWith("settle "))).toHaveLength(1);
    const key = one!.value.answer.status === "confirmed" ? "settle-1" : "settle-0";
    const other = one!.value.answer.status === "confirmed" ? "cancelled" : "confirmed";
    await expect(settle(other, key)).rejects.toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED" });
  });

  it("rejects with NOT_PARKED what runs or has ended, NOT_FOUND, and staff who are no admins", async () => {
    const { id } = (await place("settle-3")).answer;
    const settle = (person: Person, order: string) =>
      person.call("order.settle", { id: order, status: "cancelled", note: "x" });
    await expect(settle(admin, id)).rejects.toMatchObject({ code: 409, type: "ORDER_NOT_PARKED" });
    await expect(settle(admin, tea)).rejects.toMatchObject({ code: 404, type: "NOT_FOUND" });
    await expect(settle(staff, id)).rejects.toMatchObject({ code: 403, type: "FORBIDDEN" });
  });
});
