/**
 * The daily report: the provider's list of a day beside our books, in both directions.
 * @databases sqlite postgres
 */
import { DAY } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import type { JobTables } from "#mixins/jobs/jobs.mixin.ts";
import { metricLines } from "#mixins/node/metric-sources.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { DELAY, PaymentNode, won } from "../../test/support/systems/payment-service.ts";
import { boundsOf, daysSince, dayOf } from "./report.model.ts";

let paymentNode: PaymentNode;
beforeAll(async () => {
  paymentNode = await PaymentNode.open();
});
afterAll(() => paymentNode.close());
afterEach(() => jest.restoreAllMocks());

const staff = { id: newId(), role: "staff" as const };
const today = () => dayOf(Date.now());
const compare = (day = today()) => paymentNode.cashier.reports.compare(day, new AbortController().signal);
const differences = async (state?: "open" | "settled") =>
  (await paymentNode.as(staff, "payment.listDifferences", { limit: 100, ...(state && { state }) })).items;
const refund = (id: string, amount: number) =>
  paymentNode.as(staff, "payment.refund", { id, amount: won(amount), reason: "damaged" });
const edit = (orderId: string, fields: object) =>
  paymentNode.db.write(({ query }) =>
    query.updateTable("payments").set(fields).where("order_id", "=", orderId).execute(),
  );

it("finds nothing where both books agree, though a payment was captured and refunded in parts", async () => {
  const { orderId, paymentId } = await paymentNode.paidOrder(10_000, "tok_success", false);
  for (const amount of [3000, 4000])
    await paymentNode.asOrder("payment.capture", { orderId, captureId: newId(), amount: won(amount) });
  await refund(paymentId, 1000);
  await paymentNode.paidOrder(500);
  await compare();
  expect(await differences()).toEqual([]);
  const { items } = await paymentNode.as(staff, "payment.listReports", {});
  const totals = [{ currency: "KRW", captured: 7500, refunded: 1000, disputed: 0, fees: null }];
  expect(items).toMatchObject([{ provider: "sandbox", day: today(), differences: 0, totals }]);
});

it("parks what differs, in either direction, once, until staff settle it", async () => {
  const [less, missing, strange, equal] = [
    await paymentNode.paidOrder(10_000),
    await paymentNode.paidOrder(10_000),
    await paymentNode.paidOrder(10_000),
    await paymentNode.paidOrder(10_000),
  ];
  await edit(less.orderId, { captured: 9000, claimed: 9000 });
  const { charge_id: unknown } = await paymentNode.payment(strange.orderId);
  await paymentNode.db.write(({ query }) =>
    query.deleteFrom("payments").where("order_id", "=", strange.orderId).execute(),
  );
  const { charge_id: gone } = await paymentNode.payment(missing.orderId);
  const { provider } = paymentNode.cashier;
  const { list, retrieve } = provider;
  jest.spyOn(provider, "list").mockImplementation(async (query) => {
    const page = await list!(query);
    return { ...page, items: page.items.filter(({ charge }) => charge !== gone) };
  });
  jest
    .spyOn(provider, "retrieve")
    .mockImplementation(async (lookup) => (lookup.reference === missing.orderId ? null : retrieve(lookup)));
  await compare();
  await compare();
  const found = (await differences("open")).map(({ kind, charge, ours, theirs }) => [
    kind,
    charge,
    ours.captured,
    theirs.captured,
  ]);
  const { charge_id: lessCharge } = await paymentNode.payment(less.orderId);
  expect(found).toHaveLength(3);
  expect(found).toEqual(
    expect.arrayContaining([
      ["amounts", lessCharge, 9000, 10_000],
      ["missing", gone, 10_000, 0],
      ["unknown", unknown, 0, 10_000],
    ]),
  );
  expect(found.map(([, charge]) => charge)).not.toContain((await paymentNode.payment(equal.orderId)).charge_id);
  const gauge = async () =>
    (await metricLines(paymentNode.broker)).find((line) => line.startsWith("madang_payment_report_differences_open "));
  expect(await gauge()).toMatch(/ 3$/);
  for (const { id } of await differences("open"))
    await paymentNode.as(staff, "payment.settleDifference", { id, note: "Asked the provider." });
  expect(await gauge()).toMatch(/ 0$/);
  expect(await differences("open")).toEqual([]);
  expect(await differences("settled")).toHaveLength(3);
  const nobody = paymentNode.as(staff, "payment.settleDifference", { id: newId(), note: "x" });
  await expect(nobody).rejects.toMatchObject({ type: "NOT_FOUND" });
  await expect(paymentNode.as({ id: newId() }, "payment.listReports", {})).rejects.toMatchObject({ type: "FORBIDDEN" });
});

it("finds nothing in a payment that was refunded while the provider was asked about it", async () => {
  const before = (await differences()).length;
  const { orderId, paymentId } = await paymentNode.paidOrder(10_000);
  await edit(orderId, { refunded: 10 });
  const { retrieve } = paymentNode.cashier.provider;
  jest.spyOn(paymentNode.cashier.provider, "retrieve").mockImplementation(async (lookup) => {
    const charge = await retrieve(lookup);
    if (lookup.reference === orderId) await edit(orderId, { refunded: 0 });
    return charge;
  });
  await refund((await paymentNode.paidOrder(10_000)).paymentId, 10);
  await compare();
  expect((await differences()).filter((one) => one.paymentId === paymentId)).toEqual([]);
  expect(await differences()).toHaveLength(before);
});

it("stores many differences in short transactions, before their report, and none twice after a fault", async () => {
  const { provider } = paymentNode.cashier;
  const charges = Array.from({ length: 450 }, (_, index) => `ch_strange_${index}`);
  const fields = { kind: "capture", reference: null, currency: "KRW", amount: 1, fee: null } as const;
  jest.spyOn(provider, "list").mockImplementation(async () => ({
    items: charges.map((charge) => ({ ...fields, id: charge, charge })),
    nextCursor: null,
  }));
  const { db } = paymentNode;
  const write = db.write.bind(db);
  let writes = 0;
  jest.spyOn(db, "write").mockImplementation(async (work) => {
    if ((writes += 1) === 3) throw new Error("The node dies.");
    return write(work);
  });
  const strange = async () =>
    Number(
      (
        await db.query
          .selectFrom("report_differences")
          .select((e) => e.fn.countAll().as("n"))
          .where("day", "=", "2020-01-01")
          .executeTakeFirstOrThrow()
      ).n,
    );
  const last = async () => (await paymentNode.as(staff, "payment.listReports", {})).items.map(({ day }) => day);
  await expect(compare("2020-01-01")).rejects.toThrow("The node dies.");
  expect(await strange()).toBe(200);
  expect(await last()).not.toContain("2020-01-01");
  // One of them was explained meanwhile, and staff have settled another.
  const [settled] = await differences("open");
  await paymentNode.as(staff, "payment.settleDifference", { id: settled!.id, note: "Another system's" });
  charges.splice(0, 1);
  await compare("2020-01-01");
  expect(await strange()).toBe(449);
  const report = (await paymentNode.as(staff, "payment.listReports", {})).items.find(({ day }) => day === "2020-01-01");
  expect(report).toMatchObject({ differences: 449 });
  await compare("2020-01-01");
  expect(await strange()).toBe(449);
  expect(await last()).toContain("2020-01-01");
});

it("tells of a list that has no end, and stores no report", async () => {
  const { provider } = paymentNode.cashier;
  jest.spyOn(provider, "list").mockResolvedValue({ items: [], nextCursor: "again" });
  await expect(compare("2020-01-02")).rejects.toMatchObject({ type: "PAYMENT_PROVIDER_UNAVAILABLE" });
  const lines = await metricLines(paymentNode.broker);
  expect(lines).toContain('madang_payment_provider_faults_total{kind="unsound"} 1');
  expect((await paymentNode.as(staff, "payment.listReports", {})).items.map(({ day }) => day)).not.toContain(
    "2020-01-02",
  );
});

it("asks about a dispute whose webhook was lost", async () => {
  const clock = new Clock();
  const { paymentId } = await paymentNode.paidOrder(10_000, "tok_dispute_lost");
  const webhook = jest.spyOn(paymentNode.cashier.provider, "parseWebhook").mockReturnValue({ type: "lost.on.the.way" });
  clock.advance(DELAY);
  await eventually(() => webhook.mock.calls.length > 0);
  clock.advance(DELAY);
  await eventually(() => webhook.mock.calls.length > 1);
  await compare(dayOf(Date.now()));
  await eventually(async () => {
    const { items } = await paymentNode.as(staff, "payment.listDisputes", { status: "lost" });
    return items.some((dispute) => dispute.paymentId === paymentId);
  });
});

it("is a CSV file for staff, page by page, and so are its differences", async () => {
  const read = async (action: "payment.exportReports" | "payment.exportDifferences", params: object = {}) => {
    const { content, ...page } = await paymentNode.as(staff, action, params);
    const text = Buffer.from(content, "base64").toString();
    return { ...page, lines: text.split("\r\n").slice(0, -1) };
  };
  await paymentNode.paidOrder(10_000);
  await compare();
  const { lines, name, nextCursor } = await read("payment.exportReports");
  expect([name, nextCursor]).toEqual(["payment-reports.csv", null]);
  expect(lines[0]).toBe("\ufeffday,provider,currency,captured,refunded,disputed,fees,differences");
  expect(lines.find((line) => line.startsWith(today()))).toMatch(/^[\d-]+,sandbox,KRW,\d+,\d+,\d+,\d*,\d+$/);
  const { orderId } = await paymentNode.paidOrder(10_000);
  await edit(orderId, { refunded: 10 });
  await compare();
  const [found] = await differences("open");
  await paymentNode.as(staff, "payment.settleDifference", { id: found!.id, note: '=1+1, "asked"' });
  const settled = await read("payment.exportDifferences", { day: today(), state: "settled" });
  expect(settled.name).toBe(`payment-differences-${today()}.csv`);
  expect(settled.lines.find((line) => line.includes(found!.charge))).toContain(`"'=1+1, ""asked"""`);
  await edit(orderId, { refunded: 0 });
});

it("runs as a job for yesterday, and for days that were missed", async () => {
  await paymentNode.db.write(({ query }) => query.deleteFrom("reports").execute());
  const db = paymentNode.db as unknown as Database<JobTables>;
  await db.write(({ query }) =>
    query.updateTable("jobs").set({ next_at: 0 }).where("kind", "=", "compareBooks").execute(),
  );
  paymentNode.broker.localBus.emit("$node.disconnected", { node: { id: "another" } });
  const reports = async () => (await paymentNode.as(staff, "payment.listReports", {})).items;
  await eventually(async () => (await reports()).length > 0);
  expect(await reports()).toMatchObject([{ day: dayOf(Date.now() - DAY), differences: 0 }]);
});

describe("days", () => {
  const noon = Date.parse("2026-03-02T12:00:00.000Z");
  it.each([
    [null, ["2026-03-01"]],
    ["2026-02-27", ["2026-02-28", "2026-03-01"]],
    ["2026-03-01", []],
    ["2025-12-01", ["2026-02-27", "2026-02-28", "2026-03-01"]],
  ])("after %s are %j", (last, days) => {
    expect(daysSince(last, noon, 3)).toEqual(days);
  });

  it("begin and end in UTC", () => {
    expect(boundsOf("2026-03-01")).toEqual({
      from: Date.parse("2026-03-01T00:00:00.000Z"),
      to: Date.parse("2026-03-02T00:00:00.000Z"),
    });
  });
});
