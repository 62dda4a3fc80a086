/** @databases sqlite postgres */
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AccountNode, someone } from "../../test/support/systems/account-service.ts";
import { localService } from "../../test/support/systems/local-service.ts";

interface Cashier {
  readonly settlement: { capture(...input: readonly unknown[]): Promise<unknown> };
}

let node: AccountNode;

beforeAll(async () => {
  node = await AccountNode.open();
});
afterAll(() => node.close());
afterEach(() => jest.restoreAllMocks());

describe("a refund that is told before the end of its payment", () => {
  it("has its credit note when the invoice is paid, and one only", async () => {
    const { settlement } = localService<{ cashier: Cashier }>(node.broker, "payment").cashier;
    const capture = settlement.capture.bind(settlement);
    const { promise: gate, resolve: goOn } = Promise.withResolvers<void>();
    // The money is taken, and the answer is late.
    jest.spyOn(settlement, "capture").mockImplementation(async (...input) => {
      const answer = await capture(...input);
      await gate;
      return answer;
    });
    const plan = await node.plan(7900, { trialDays: 0 });
    const me = someone();
    const begun = node.as(me, "account.subscribe", { planId: plan.id, paymentMethod: "tok_success" });
    const payment = await eventually(async () => {
      const { items } = await node.as(me, "payment.list", {});
      return items[0]?.captured.amount === 7900 ? items[0] : null;
    });
    const refund = { id: payment.id, amount: { amount: 7900, currency: "KRW" as const }, reason: "Asked for it." };
    await node.as(someone("staff"), "payment.refund", refund);
    const { items } = await eventually(async () => {
      const found = await node.as(someone("staff"), "account.listJobs", { kind: "noteRefund" });
      return found.items.length > 0 ? found : null;
    });
    expect(items).toHaveLength(1);
    expect(await node.invoices(me)).toMatchObject([{ status: "open" }]);
    goOn();
    expect(await begun).toMatchObject({ status: "active" });
    await eventually(async () => (await node.invoices(me)).length === 2);
    expect(await node.invoices(me)).toMatchObject([
      { status: "paid", refunded: { amount: 7900 } },
      { kind: "credit_note", purpose: "refund", total: { amount: 7900 } },
    ]);
  });
});
