/**
 * Several nodes over one database that do the same at once: it happens once.
 * @databases sqlite postgres
 */
import { sql } from "kysely";
import { newId } from "#core/id.ts";
import { migrationsIn } from "#mixins/database/migrate.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { openStorage, storage } from "../../test/support/systems/storage.ts";
import { PaymentNode, won } from "../../test/support/systems/payment-service.ts";
import type { Db, PaymentTables } from "./payment.repository.ts";
import { sign } from "./sandbox/signature.model.ts";

let paymentNodes: readonly [PaymentNode, PaymentNode];
beforeAll(async () => {
  paymentNodes = [await PaymentNode.open(), await PaymentNode.open()];
  // Connections are made beforehand, so that what is asked at once also runs at once.
  if (storage() === "postgres")
    await everywhere((paymentNode) => paymentNode.db.write((tx) => sql`select pg_sleep(0.2)`.execute(tx.query)));
});
afterAll(() => Promise.all(paymentNodes.map((paymentNode) => paymentNode.close())));
afterEach(async () => {
  expect(await paymentNodes[0].differences()).toEqual([]);
});

/** Each node five times, all at once. */
const everywhere = <Answer>(ask: (paymentNode: PaymentNode) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: 10 }, (_, index) => ask(paymentNodes[index % 2]!)));
/** The types of an order's events: either node's relay may have published one, and on SQLite both. */
const told = (orderId: string) => {
  const events = paymentNodes.flatMap((paymentNode) => paymentNode.eventsOf(orderId));
  return [...new Map(events.map(({ id, type }) => [id, type])).values()].toSorted();
};

describe("at once on several nodes", () => {
  it("an order is authorized and captured once", async () => {
    const [orderId, user] = [newId(), newId()];
    const request = { orderId, amount: won(10_000), paymentMethod: "tok_success" };
    await everywhere((paymentNode) => paymentNode.asOrder("payment.authorize", request, user));
    const answers = await everywhere((paymentNode) => paymentNode.asOrder("payment.capture", { orderId }, user));
    expect(new Set(answers.map(({ paymentId, status }) => `${paymentId} ${status}`)).size).toBe(1);
    expect(await paymentNodes[0].charges(orderId)).toMatchObject([{ captured: won(10_000) }]);
    await eventually(() => told(orderId).length === 2);
    expect(told(orderId)).toEqual(["payment.authorized", "payment.captured"]);
  });

  it("a webhook takes effect once", async () => {
    const { orderId } = await paymentNodes[0].paidOrder(10_000, "tok_3ds", false);
    const { provider } = paymentNodes[0].cashier;
    const { id } = (await provider.retrieve({ reference: orderId }))!;
    await provider.confirm({ key: newId(), charge: id });
    const body = JSON.stringify({ id: newId(), charge: await provider.retrieve({ reference: orderId }) });
    const headers = { "sandbox-signature": sign(paymentNodes[0].webhookSecret, body, Date.now()) };
    await everywhere((paymentNode) =>
      paymentNode.broker.call("payment.receiveWebhook", { provider: "sandbox", headers, body }),
    );
    await eventually(() => told(orderId).length > 0);
    expect(told(orderId)).toEqual(["payment.authorized"]);
  });

  it.each([true, false])("a payment is given back once (captured: %s)", async (captured) => {
    const { orderId } = await paymentNodes[0].paidOrder(10_000, "tok_success", captured);
    const answers = await everywhere((paymentNode) =>
      paymentNode.asOrder("payment.reverse", { orderId, reason: "cancelled" }),
    );
    expect(new Set(answers.map(({ status }) => status)).size).toBe(1);
    const [charge] = await paymentNodes[0].charges(orderId);
    expect(charge).toMatchObject(captured ? { refunded: won(10_000) } : { status: "voided" });
    await eventually(() => told(orderId).length === (captured ? 3 : 2));
    expect(told(orderId).filter((type) => type === "payment.refunded").length).toBe(captured ? 1 : 0);
  });

  it("what is left is refunded once, whoever comes first", async () => {
    const { orderId, paymentId } = await paymentNodes[0].paidOrder();
    const cause = { requestID: newId(), id: newId() };
    await everywhere((paymentNode) => paymentNode.cashier.refunds.rest(cause, paymentId, "late"));
    expect(await paymentNodes[0].charges(orderId)).toMatchObject([{ refunded: won(10_000) }]);
    await eventually(() => told(orderId).length === 3);
    expect(told(orderId).filter((type) => type === "payment.refunded").length).toBe(1);
  });

  it("refunds never exceed what was captured", async () => {
    const { orderId, paymentId } = await paymentNodes[0].paidOrder();
    const staff = { id: newId(), role: "staff" } as const;
    const refund = { id: paymentId, amount: won(3000), reason: "damaged" };
    const refunds = await everywhere((paymentNode) =>
      paymentNode.as(staff, "payment.refund", refund).then(
        () => "refunded",
        (error: { type: string }) => error.type,
      ),
    );
    expect(refunds.toSorted()).toEqual([
      ...Array.from({ length: 7 }, () => "PAYMENT_REFUND_EXCEEDED"),
      ...Array.from({ length: 3 }, () => "refunded"),
    ]);
    expect(await paymentNodes[0].charges(orderId)).toMatchObject([{ refunded: won(9000) }]);
  });
});

it("what is due is asked about by one of two nodes that look at the same moment", async () => {
  const [payments, refunds] = [await import("./payment.repository.ts"), await import("./refund.repository.ts")];
  const db = await openStorage<PaymentTables>();
  await db.migrate(await migrationsIn(new URL("./migrations/", import.meta.url)));
  const fields = { order_id: newId(), user_id: newId(), provider: "sandbox", token: "tok_success", reason: null };
  const money = { purpose: "order", amount: 10_000, currency: "KRW", status: "succeeded" } as const;
  const { row } = await payments.open(db, { ...fields, ...money, check_at: 0 });
  await db.write(async (tx) => {
    await tx.query.updateTable("payments").set({ captured: 10_000 }).execute();
    await refunds.open(tx, row, { amount: 10_000, reason: "late", check_at: 0 });
  });
  for (const claim of [payments.claim, refunds.claim]) {
    let looks = 0;
    const { promise: bothHaveLooked, resolve } = Promise.withResolvers<void>();
    const all: Db["all"] = async (...question) => {
      const due = await db.all(...question);
      if ((looks += 1) === 2) resolve();
      await bothHaveLooked;
      return due;
    };
    const node = { all, run: db.run.bind(db) } as Db;
    expect((await Promise.all([claim(node, 50), claim(node, 50)])).flat()).toHaveLength(1);
  }
  await db.close();
});
