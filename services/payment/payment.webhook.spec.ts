/**
 * The provider's webhooks: who is believed, and what happens when they come early, late or twice.
 * @databases sqlite postgres
 */
import { DAY } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import type { JobTables } from "#mixins/jobs/jobs.mixin.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { wrongValues } from "../../test/support/faults/wrong-provider-answers.ts";
import { PaymentNode, won } from "../../test/support/systems/payment-service.ts";
import type { Charge } from "./payment.provider.ts";
import { sign } from "./sandbox/signature.model.ts";

let paymentNode: PaymentNode;
beforeAll(async () => {
  paymentNode = await PaymentNode.open();
});
afterAll(() => paymentNode.close());
afterEach(async () => {
  expect(await paymentNode.differences()).toEqual([]);
});

const bodyOf = (charge: object, id = newId()) => JSON.stringify({ id, type: "charge.authorized", charge });
const send = (body: string, { at = Date.now(), provider = "sandbox", secret = paymentNode.webhookSecret } = {}) =>
  paymentNode.broker.call("payment.receiveWebhook", {
    provider,
    headers: { "sandbox-signature": sign(secret, body, at) },
    body,
  });
/** The charge as the provider would tell of it. */
const chargeOf = async (orderId: string): Promise<Charge> =>
  (await paymentNode.cashier.provider.retrieve({ reference: orderId }))!;
const edit = (orderId: string, fields: object) =>
  paymentNode.db.write((tx) => tx.query.updateTable("payments").set(fields).where("order_id", "=", orderId).execute());

describe("payment.receiveWebhook", () => {
  it("believes the provider only", async () => {
    const body = bodyOf({ reference: newId(), status: "authorized" });
    const invalid = { code: 401, type: "PAYMENT_SIGNATURE_INVALID" };
    await expect(send(body, { secret: "another" })).rejects.toMatchObject(invalid);
    await expect(send(body, { at: Date.now() - 301_000 })).rejects.toMatchObject(invalid);
    await expect(send(body, { at: Date.now() + 301_000 })).rejects.toMatchObject(invalid);
    const unsigned = paymentNode.broker.call("payment.receiveWebhook", { provider: "sandbox", headers: {}, body });
    await expect(unsigned).rejects.toMatchObject(invalid);
    await expect(send(body, { provider: "acme" })).rejects.toMatchObject({ code: 404, type: "NOT_FOUND" });
    await expect(send("{")).rejects.toMatchObject({ code: 400, type: "MALFORMED_JSON" });
  });

  it("acknowledges news of what is not ours", async () => {
    expect(await send(bodyOf({ reference: newId(), status: "authorized" }))).toEqual({ received: true });
  });

  it("reads what was signed to the letter, in whatever spelling", async () => {
    const charge = { reference: newId(), status: "authorized", note: "Cafe\u0301" };
    const body = JSON.stringify({ id: newId(), type: "charge.authorized", charge }, null, 2);
    expect(await send(body)).toEqual({ received: true });
  });

  it.each<[string, object]>([
    ["a kind that nobody knows", { id: "1", type: "payout.paid", payout: { amount: -1 } }],
    ["a kind that nobody knows, and nothing else", { type: "account.updated" }],
    ["a kind that is named like a property of objects", { type: "constructor" }],
  ])("acknowledges %s", async (_, body) => {
    expect(await send(JSON.stringify(body))).toEqual({ received: true });
  });

  const sound = { id: "1", type: "charge.captured", charge: { reference: newId(), captured: 10_000 } };
  it.each<[string, unknown]>([
    ["null", null],
    ["a list", [sound]],
    ["a text", "charge.captured"],
    ["an empty object", {}],
    ["no id", { ...sound, id: undefined }],
    ["an id that is a number", { ...sound, id: 7 }],
    ["an id that a database cannot store", { ...sound, id: "a\u0000b" }],
    ["an endless id", { ...sound, id: "a".repeat(101) }],
    ["a type that is a number", { ...sound, type: 7 }],
    ["no charge", { ...sound, charge: undefined }],
    ["a charge that is null", { ...sound, charge: null }],
    ["a charge of no order", { ...sound, charge: {} }],
    ...wrongValues.flatMap(([field, values]) =>
      values.map((value): [string, unknown] => [
        `${field} ${JSON.stringify(value)}`,
        { ...sound, charge: { ...sound.charge, [field]: value } },
      ]),
    ),
  ])("rejects %s with VALIDATION_FAILED", async (_, body) => {
    await expect(send(JSON.stringify(body))).rejects.toMatchObject({ code: 422, type: "VALIDATION_FAILED" });
  });

  it("takes effect once, however often it comes", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "tok_3ds", false);
    const charge = await chargeOf(orderId);
    await paymentNode.cashier.provider.confirm({ key: newId(), charge: charge.id });
    const body = bodyOf(await chargeOf(orderId));
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(body)));
    expect(answers).toEqual(Array.from({ length: 10 }, () => ({ received: true })));
    await eventually(() => paymentNode.eventTypes(orderId).length > 0);
    expect(paymentNode.eventTypes(orderId)).toEqual(["payment.authorized"]);
    // The provider is not even asked again.
    const check_at = Date.now() + 3_600_000;
    await edit(orderId, { check_at });
    await send(body);
    expect((await paymentNode.payment(orderId)).check_at).toBe(check_at);
  });

  it("has nothing asked about an order that was reversed before it had a payment", async () => {
    const orderId = newId();
    await paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" });
    await send(bodyOf({ reference: orderId, status: "authorized" }));
    expect((await paymentNode.payment(orderId)).check_at).toBeNull();
  });

  it("may come before the answer to the authorization is stored", async () => {
    const orderId = newId();
    const asked = paymentNode.asOrder("payment.authorize", {
      orderId,
      amount: won(10_000),
      paymentMethod: "tok_timeout",
    });
    await eventually(() => paymentNode.cashier.provider.retrieve({ reference: orderId }));
    await send(bodyOf(await chargeOf(orderId)));
    expect(await asked).toMatchObject({ status: "requires_capture" });
    await paymentNode.asOrder("payment.capture", { orderId });
    await eventually(() => paymentNode.eventTypes(orderId).length === 2);
    expect(paymentNode.eventTypes(orderId)).toEqual(["payment.authorized", "payment.captured"]);
  });

  it("changes nothing when it is older than what is known", async () => {
    const { orderId } = await paymentNode.paidOrder();
    await send(bodyOf({ ...(await chargeOf(orderId)), status: "authorized", captured: 0 }));
    expect(await paymentNode.payment(orderId)).toMatchObject({ status: "succeeded", captured: 10_000 });
  });

  it("of a success after the reversal has the authorization voided", async () => {
    const { orderId } = await paymentNode.paidOrder(10_000, "tok_success", false);
    await edit(orderId, { status: "cancelled", check_at: null });
    await send(bodyOf(await chargeOf(orderId)));
    await eventually(async () => (await paymentNode.charges(orderId))[0]!.status === "voided");
  });

  it("of a capture after the reversal has it refunded in full", async () => {
    const { orderId } = await paymentNode.paidOrder();
    await edit(orderId, { status: "cancelled", captured: 0, check_at: null });
    await send(bodyOf(await chargeOf(orderId)));
    await eventually(() => paymentNode.eventTypes(orderId).includes("payment.refunded"));
    expect(await paymentNode.charges(orderId)).toMatchObject([{ captured: won(10_000), refunded: won(10_000) }]);
    expect(await paymentNode.payment(orderId)).toMatchObject({
      status: "cancelled",
      captured: 10_000,
      refunded: 10_000,
    });
  });
});

it("ids of webhooks that no provider repeats any more are forgotten, by a job at night", async () => {
  const [old, recent] = [newId(), newId()];
  const received = (id: string, days: number) => ({ provider: "sandbox", id, received_at: Date.now() - days * DAY });
  await paymentNode.db.write(({ query }) =>
    query
      .insertInto("webhook_events")
      .values([received(old, 31), received(recent, 29)])
      .execute(),
  );
  const db = paymentNode.db as unknown as Database<JobTables>;
  await db.write(({ query }) =>
    query.updateTable("jobs").set({ next_at: 0 }).where("kind", "=", "forgetWebhooks").execute(),
  );
  paymentNode.broker.localBus.emit("$node.disconnected", { node: { id: "another" } });
  const left = paymentNode.db.query.selectFrom("webhook_events").select("id").where("id", "in", [old, recent]);
  await eventually(async () => (await left.execute()).length === 1);
  expect(await left.execute()).toEqual([{ id: recent }]);
});
