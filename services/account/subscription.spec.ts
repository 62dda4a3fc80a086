/** @databases sqlite postgres */
import { newId } from "#core/id.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AccountNode, someone } from "../../test/support/systems/account-service.ts";

let node: AccountNode;

beforeAll(async () => {
  node = await AccountNode.open();
});
afterAll(() => node.close());

const code = (type: string) => expect.objectContaining({ type });
const won = (amount: number) => ({ amount, currency: "KRW" });

describe("a subscription without a trial", () => {
  it("begins with its first payment, which is invoiced and charged once", async () => {
    const plan = await node.plan(11_900, { trialDays: 0 });
    const { me, subscription } = await node.subscriber(plan);
    expect(subscription).toMatchObject({ status: "active", price: won(11_900), billing: "settled" });
    expect(await node.invoices(me)).toMatchObject([
      {
        number: expect.stringMatching(/^\d{4}-\d{6}$/),
        status: "paid",
        purpose: "start",
        total: won(11_900),
        tax: won(1082),
        due: won(11_900),
      },
    ]);
    expect(await node.charges(me)).toEqual([{ captured: 11_900, refunded: 0 }]);
  });

  it("does not begin when the payment is declined, and can be asked for again", async () => {
    const plan = await node.plan(11_900, { trialDays: 0 });
    const me = someone();
    const subscribe = (paymentMethod: string) => node.as(me, "account.subscribe", { planId: plan.id, paymentMethod });
    await expect(subscribe("tok_declined")).rejects.toEqual(code("ACCOUNT_PAYMENT_DECLINED"));
    await expect(subscribe("tok_unknown")).rejects.toEqual(code("ACCOUNT_PAYMENT_METHOD_INVALID"));
    expect(await node.as(me, "account.getSubscription", {})).toMatchObject({
      status: "cancelled",
      reason: "payment_failed",
    });
    expect(await subscribe("tok_success")).toMatchObject({ status: "active" });
    expect((await node.invoices(me)).map(({ status }) => status)).toEqual(["void", "void", "paid"]);
  });
});

describe("account.editSubscription", () => {
  it("charges for the rest of the period what the preview showed, also when it is made later", async () => {
    const [basic, premium] = await Promise.all([
      node.plan(7900, { trialDays: 0 }),
      node.plan(15_900, { trialDays: 0, maxHeight: 1080 }),
    ]);
    const { me } = await node.tester(basic);
    await node.advance(me, 10);
    const preview = await node.as(me, "account.previewChange", { planId: premium.id });
    const [back, charge] = preview.lines.map(({ amount }) => amount);
    expect(preview.due.amount).toBe(charge! + back!);
    expect(preview.due.amount).toBeGreaterThan(4000);
    const { previewedAt } = preview;
    const changed = await node.as(me, "account.editSubscription", { planId: premium.id, previewedAt });
    expect(changed).toMatchObject({ plan: { id: premium.id }, status: "active", price: won(15_900) });
    expect((await node.charges(me)).map(({ captured }) => captured)).toEqual([7900, preview.due.amount]);
    await eventually(() => node.told(me.id).length >= 5);
    expect(node.told(me.id).at(-1)).toEqual({ type: "entitlement_changed", data: { userId: me.id, entitled: true } });
  });

  it("rejects with NOT_POSSIBLE the same plan, one in another currency, and any while a payment is under way", async () => {
    const [plan, other, foreign] = await Promise.all([
      node.plan(7900),
      node.plan(8900),
      node.plan(7900, { price: { amount: 790, currency: "USD" } }),
    ]);
    const { me, subscription } = await node.subscriber(plan);
    const change = (planId: string) => node.as(me, "account.previewChange", { planId });
    for (const { id } of [plan, foreign]) await expect(change(id)).rejects.toEqual(code("ACCOUNT_NOT_POSSIBLE"));
    await change(other.id);
    await node.db.write(({ query }) =>
      query.updateTable("subscriptions").set({ paying: newId() }).where("id", "=", subscription.id).execute(),
    );
    await expect(change(other.id)).rejects.toEqual(code("ACCOUNT_NOT_POSSIBLE"));
  });

  it("keeps what a cheaper plan gives back as credit, which the next invoice takes", async () => {
    const [premium, basic] = await Promise.all([
      node.plan(15_900, { trialDays: 0 }),
      node.plan(7900, { trialDays: 0 }),
    ]);
    const { me } = await node.tester(premium);
    await node.advance(me, 1);
    const { credit, previewedAt, due } = await node.as(me, "account.previewChange", { planId: basic.id });
    expect(due.amount).toBe(0);
    const version = (await node.as(me, "account.getSubscription", {})).version;
    await node.as(me, "account.editSubscription", { planId: basic.id, previewedAt, version });
    const [, note] = await node.invoices(me);
    expect(note).toMatchObject({ kind: "credit_note", total: credit, status: "paid" });
    expect(await node.advance(me, 32)).toMatchObject({ status: "active" });
    const renewal = (await node.invoices(me)).at(-1)!;
    expect(renewal).toMatchObject({ purpose: "renewal", total: won(7900), status: "paid" });
    expect(renewal.credited.amount).toBe(Math.min(7900, credit.amount));
    expect(renewal.due.amount + renewal.credited.amount).toBe(7900);
  });

  it("gives nothing back for the time since the preview", async () => {
    const [premium, basic] = await Promise.all([
      node.plan(15_900, { trialDays: 0 }),
      node.plan(7900, { trialDays: 0 }),
    ]);
    const { me } = await node.tester(premium);
    await node.advance(me, 1);
    const preview = () => node.as(me, "account.previewChange", { planId: basic.id });
    const { credit, previewedAt } = await preview();
    // A quarter of an hour, nearly.
    await node.advance(me, 0.01);
    const present = await preview();
    expect(present.credit.amount).toBeLessThan(credit.amount);
    await node.as(me, "account.editSubscription", { planId: basic.id, previewedAt });
    expect((await node.invoices(me)).at(-1)).toMatchObject({ kind: "credit_note", total: present.credit });
  });

  it("leaves the plan as it was when the payment is declined", async () => {
    const [basic, premium] = await Promise.all([
      node.plan(7900, { trialDays: 0 }),
      node.plan(15_900, { trialDays: 0 }),
    ]);
    const { me } = await node.subscriber(basic);
    await node.as(me, "account.editSubscription", { paymentMethod: "tok_declined" });
    const change = node.as(me, "account.editSubscription", { planId: premium.id });
    await expect(change).rejects.toEqual(code("ACCOUNT_PAYMENT_DECLINED"));
    expect(await node.as(me, "account.getSubscription", {})).toMatchObject({
      plan: { id: basic.id },
      status: "active",
      billing: "settled",
    });
  });

  it("ends with the period after a cancellation, and continues when the cancellation is taken back", async () => {
    const plan = await node.plan(7900);
    const { me } = await node.subscriber(plan);
    await node.as(me, "account.editSubscription", { cancelAtPeriodEnd: true });
    await node.as(me, "account.editSubscription", { cancelAtPeriodEnd: false });
    expect(await node.advance(me, 15)).toMatchObject({ status: "active", cancelAtPeriodEnd: false });
    await node.as(me, "account.editSubscription", { cancelAtPeriodEnd: true });
    expect(await node.advance(me, 20)).toMatchObject({ status: "active" });
    expect(await node.advance(me, 20)).toMatchObject({ status: "cancelled", reason: "period_ended" });
    expect(await node.charges(me)).toHaveLength(1);
  });
});

describe("a plan of some countries", () => {
  it("is taken and changed to by viewers there alone, also when it is not known where one is", async () => {
    const [everywhere, korean] = await Promise.all([node.plan(7900), node.plan(9900, { regions: ["KR"] })]);
    const from = (region?: string) => ({ ...someone(), ...(region && { region }) });
    const subscribe = (me: ReturnType<typeof from>, { id: planId }: { id: string }) =>
      node.as(me, "account.subscribe", { planId, paymentMethod: "tok_success" });
    await expect(subscribe(from("US"), korean)).rejects.toEqual(code("ACCOUNT_PLAN_NOT_FOUND"));
    await expect(subscribe(from(), korean)).rejects.toEqual(code("ACCOUNT_PLAN_NOT_FOUND"));
    expect(await subscribe(from("KR"), korean)).toMatchObject({ status: "trialing" });
    const abroad = from("US");
    await subscribe(abroad, everywhere);
    const wish = { planId: korean.id };
    await expect(node.as(abroad, "account.previewChange", wish)).rejects.toEqual(code("ACCOUNT_PLAN_NOT_FOUND"));
    await expect(node.as(abroad, "account.editSubscription", wish)).rejects.toEqual(code("ACCOUNT_PLAN_NOT_FOUND"));
    const here = { ...abroad, region: "KR" };
    expect(await node.as(here, "account.editSubscription", wish)).toMatchObject({ plan: { id: korean.id } });
  });
});

describe("a pause", () => {
  it("keeps the rest of the period, entitles to nothing, and ends by itself", async () => {
    const plan = await node.plan(7900, { trialDays: 0 });
    const { me } = await node.tester(plan);
    const before = await node.advance(me, 10);
    const left = Date.parse(before.periodEnd) - Date.parse((await clock(me)).now);
    const key = newId();
    expect(await node.as(me, "account.pause", {}, key)).toMatchObject({ status: "paused" });
    await expect(node.as(me, "account.pause", {})).rejects.toEqual(code("ACCOUNT_NOT_POSSIBLE"));
    expect(await node.advance(me, 20)).toMatchObject({ status: "paused" });
    const on = await node.as(me, "account.resume", {});
    expect(on.status).toBe("active");
    expect(Date.parse(on.periodEnd) - Date.parse((await clock(me)).now)).toBe(left);
    await node.as(me, "account.pause", {});
    expect(await node.advance(me, 89)).toMatchObject({ status: "paused" });
    expect(await node.advance(me, 2)).toMatchObject({ status: "active", resumesAt: null });
    expect(await node.charges(me)).toHaveLength(1);
  });

  const clock = (me: { id: string }) => node.as(someone("staff"), "account.getTestClock", { userId: me.id });
});

describe("account.cancel", () => {
  it("undoes a payment that is under way", async () => {
    const plan = await node.plan(7900, { trialDays: 0 });
    const me = someone();
    const subscribing = node.as(me, "account.subscribe", { planId: plan.id, paymentMethod: "tok_3ds" });
    const begun = await subscribing;
    expect(begun).toMatchObject({ status: "pending", billing: "paying" });
    expect(await node.as(me, "account.cancel", {})).toMatchObject({ status: "cancelled", reason: "customer" });
    await eventually(async () => (await node.invoices(me))[0]!.status === "void");
    expect(await node.charges(me)).toEqual([{ captured: 0, refunded: 0 }]);
  });
});
