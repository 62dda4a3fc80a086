/** @databases sqlite postgres */
import type { Erasure } from "#mixins/erasure/erasure.mixin.ts";
import { statements } from "#mixins/database/statement.ts";
import type { SagaTables } from "#mixins/saga/saga.mixin.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AccountNode, someone } from "../../test/support/systems/account-service.ts";
import { localService } from "../../test/support/systems/local-service.ts";

const sql = statements<SagaTables>();
const outlive = sql((q, p: { id: string }) => q.updateTable("sagas").set({ deadline: 1 }).where("id", "=", p.id));
const park = sql((q, p: { id: string }) =>
  q
    .updateTable("sagas")
    .set((e) => ({ status: "parked" as const, next_at: null, epoch: e("epoch", "+", 1) }))
    .where("id", "=", p.id),
);
const inputOf = sql((q, p: { id: string }) => q.selectFrom("sagas").select("input").where("id", "=", p.id));

interface Cashier {
  readonly settlement: { reverse(...input: readonly unknown[]): Promise<unknown> };
}

let node: AccountNode;

beforeAll(async () => {
  node = await AccountNode.open();
});
afterAll(() => node.close());
afterEach(() => jest.restoreAllMocks());

/** Somebody's first payment took too long and is being given back, which waits until `goOn`. */
async function givingBack() {
  const plan = await node.plan(7900, { trialDays: 0 });
  const { me, subscription } = await node.subscriber(plan, "tok_3ds");
  const [invoice] = await node.invoices(me);
  const { settlement } = localService<{ cashier: Cashier }>(node.broker, "payment").cashier;
  const reverse = settlement.reverse.bind(settlement);
  const { promise: gate, resolve: goOn } = Promise.withResolvers<void>();
  jest.spyOn(settlement, "reverse").mockImplementation((...args) => gate.then(() => reverse(...args)));
  const { db, saga } = node.host;
  await db.run(outlive, { id: invoice!.id });
  await db.write(async (tx) => tx.add(saga.wake(invoice!.id)));
  await eventually(async () => (await saga.find(invoice!.id))?.direction === "backward");
  const ended = () => eventually(async () => (await saga.find(invoice!.id))?.status === "compensated");
  return { me, subscription, invoice: invoice!, goOn, ended };
}

describe("a subscription that ends while its payment is already being given back", () => {
  it("leaves a void invoice and the cancelled subscription when its customer cancels", async () => {
    const { me, goOn, ended } = await givingBack();
    expect(await node.as(me, "account.cancel", {})).toMatchObject({ status: "cancelled", reason: "customer" });
    goOn();
    await ended();
    expect(await node.invoices(me)).toMatchObject([{ status: "void" }]);
    expect(await node.as(me, "account.getSubscription", {})).toMatchObject({ status: "cancelled", reason: "customer" });
    // Nothing stands in the way of another one.
    const plan = await node.plan(7900, { trialDays: 0 });
    const again = node.as(me, "account.subscribe", { planId: plan.id, paymentMethod: "tok_success" });
    expect(await again).toMatchObject({ status: "active" });
  });

  it("leaves a void invoice, and no payment method, when the account is deleted", async () => {
    const { me, invoice, goOn, ended } = await givingBack();
    const { db, erasure } = node.host as typeof node.host & { readonly erasure: Erasure };
    await db.write((tx) => erasure.begin(tx, me.id));
    goOn();
    await ended();
    const input = () => db.one(inputOf, { id: invoice.id }).then((row) => row!.input);
    await eventually(async () => !(await input()).includes("tok_3ds"));
    expect(JSON.parse(await input())).toMatchObject({ paymentMethod: "-" });
    expect(await node.invoices(me)).toMatchObject([{ status: "void" }]);
  });

  it("ends with the payment kept when staff find that it was taken", async () => {
    const { me, invoice, goOn } = await givingBack();
    const { db, saga } = node.host;
    await node.as(me, "account.cancel", {});
    await db.run(park, { id: invoice.id });
    goOn();
    const settled = await node.as(someone("admin"), "account.settleInvoice", { id: invoice.id, status: "paid" });
    expect(settled).toMatchObject({ status: "paid" });
    expect((await saga.find(invoice.id))?.status).toBe("completed");
    expect(await node.as(me, "account.getSubscription", {})).toMatchObject({ status: "cancelled" });
  });
});
