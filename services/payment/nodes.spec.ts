/**
 * Several nodes over one database that do the same at once: it happens once.
 * @databases sqlite postgres
 */
import { sql } from "kysely";
import { newId } from "#core/clock.ts";
import { eventually } from "../../test/support/systems/notes-service.ts";
import { storage } from "../../test/support/systems/storage.ts";
import { Till, won } from "../../test/support/systems/payment-service.ts";
import { sign } from "./sandbox/signature.model.ts";

let tills: readonly [Till, Till];
beforeAll(async () => {
  tills = [await Till.open(), await Till.open()];
  // Connections are made beforehand, so that what is asked at once also runs at once.
  if (storage() === "postgres")
    await everywhere((till) => till.db.write((tx) => sql`select pg_sleep(0.2)`.execute(tx.query)));
});
afterAll(() => Promise.all(tills.map((till) => till.close())));
afterEach(async () => {
  expect(await tills[0].differences()).toEqual([]);
});

/** Each node five times, all at once. */
const everywhere = <Answer>(ask: (till: Till) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: 10 }, (_, index) => ask(tills[index % 2]!)));
/** The types of an order's events: either node's relay may have told of one, and on SQLite both. */
const told = (orderId: string) => {
  const events = tills.flatMap((till) => till.toldOf(orderId));
  return [...new Map(events.map(({ id, type }) => [id, type])).values()].toSorted();
};

describe("at once on several nodes", () => {
  it("an order is authorized and captured once", async () => {
    const [orderId, user] = [newId(), newId()];
    const request = { orderId, amount: won(10_000), paymentMethod: "tok_success" };
    await everywhere((till) => till.asOrder("payment.authorize", request, user));
    const answers = await everywhere((till) => till.asOrder("payment.capture", { orderId }, user));
    expect(new Set(answers.map(({ paymentId, status }) => `${paymentId} ${status}`)).size).toBe(1);
    expect(await tills[0].charges(orderId)).toMatchObject([{ captured: won(10_000) }]);
    await eventually(() => told(orderId).length === 2);
    expect(told(orderId)).toEqual(["payment.authorized", "payment.captured"]);
  });

  it("a webhook takes effect once", async () => {
    const { orderId } = await tills[0].sale(10_000, "tok_3ds", false);
    const { provider } = tills[0].cashier;
    const { id } = (await provider.retrieve(orderId))!;
    await provider.confirm({ key: newId(), charge: id });
    const body = JSON.stringify({ id: newId(), charge: await provider.retrieve(orderId) });
    const headers = { "sandbox-signature": sign(tills[0].webhookSecret, body, Date.now()) };
    await everywhere((till) => till.broker.call("payment.receiveWebhook", { provider: "sandbox", headers, body }));
    await eventually(() => told(orderId).length > 0);
    expect(told(orderId)).toEqual(["payment.authorized"]);
  });

  it.each([true, false])("a payment is given back once (captured: %s)", async (captured) => {
    const { orderId } = await tills[0].sale(10_000, "tok_success", captured);
    const answers = await everywhere((till) => till.asOrder("payment.reverse", { orderId, reason: "cancelled" }));
    expect(new Set(answers.map(({ status }) => status)).size).toBe(1);
    const [charge] = await tills[0].charges(orderId);
    expect(charge).toMatchObject(captured ? { refunded: won(10_000) } : { status: "voided" });
    await eventually(() => told(orderId).length === (captured ? 3 : 2));
    expect(told(orderId).filter((type) => type === "payment.refunded").length).toBe(captured ? 1 : 0);
  });

  it("what is left is refunded once, whoever comes first", async () => {
    const { orderId, paymentId } = await tills[0].sale();
    const cause = { requestID: newId(), id: newId() };
    await everywhere((till) => till.cashier.refunds.rest(cause, paymentId, "late"));
    expect(await tills[0].charges(orderId)).toMatchObject([{ refunded: won(10_000) }]);
    await eventually(() => told(orderId).length === 3);
    expect(told(orderId).filter((type) => type === "payment.refunded").length).toBe(1);
  });

  it("refunds never exceed what was captured", async () => {
    const { orderId, paymentId } = await tills[0].sale();
    const staff = { id: newId(), role: "staff" } as const;
    const refund = { id: paymentId, amount: won(3000), reason: "damaged" };
    const refunds = await everywhere((till) =>
      till.as(staff, "payment.refund", refund).then(
        () => "refunded",
        (error: { type: string }) => error.type,
      ),
    );
    expect(refunds.toSorted()).toEqual([
      ...Array.from({ length: 7 }, () => "PAYMENT_REFUND_EXCEEDED"),
      ...Array.from({ length: 3 }, () => "refunded"),
    ]);
    expect(await tills[0].charges(orderId)).toMatchObject([{ refunded: won(9000) }]);
  });
});
