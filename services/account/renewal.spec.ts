/** @databases sqlite postgres */
import { DAY, HOUR, now, timestamp } from "#core/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AccountNode, someone } from "../../test/support/systems/account-service.ts";

let node: AccountNode;

beforeAll(async () => {
  node = await AccountNode.open();
});
afterAll(() => node.close());

const code = (type: string) => expect.objectContaining({ type });
const staff = someone("admin");

describe("renewal", () => {
  it("charges each period of two years once, after the trial, and numbers the invoices without gaps", async () => {
    const plan = await node.plan(11_900);
    const { me } = await node.subscriber(plan);
    expect(await node.advance(me, 13)).toMatchObject({ status: "trialing" });
    expect(await node.advance(me, 731)).toMatchObject({ status: "active" });
    const invoices = await node.invoices(me);
    expect(invoices.map(({ status, purpose }) => `${purpose} ${status}`)).toEqual(
      Array.from({ length: 24 }, () => "renewal paid"),
    );
    expect((await node.charges(me)).map(({ captured }) => captured)).toEqual(Array.from({ length: 24 }, () => 11_900));
    // Each period begins where the one before it ends.
    const periods = invoices.map(({ lines }) => lines[0]!);
    expect(periods.slice(1).map(({ from }) => from)).toEqual(periods.slice(0, -1).map(({ to }) => to));
    const rows = await node.db.query.selectFrom("invoices").select("number").execute();
    const counted = Map.groupBy(rows, ({ number }) => number.split("-")[0]);
    for (const [series, all] of counted)
      expect(all.map(({ number }) => number).toSorted()).toEqual(
        all.map((_, index) => `${series}-${String(index + 1).padStart(6, "0")}`),
      );
  });

  it("happens by the real time too, also when a price has changed", async () => {
    const plan = await node.plan(7900, { trialDays: 1 });
    const { me, subscription } = await node.subscriber(plan);
    await node.as(someone("staff"), "account.editPlan", { id: plan.id, price: { amount: 8900, currency: "KRW" } });
    // As if the trial had begun a day ago.
    const at = now();
    await node.db.write(({ query }) =>
      query
        .updateTable("subscriptions")
        .set({ due_at: at, period_end: at, anchor: at })
        .where("id", "=", subscription.id)
        .execute(),
    );
    const { db, jobs } = node.host;
    const input = { subscriptionId: subscription.id, at: timestamp(at) };
    // The same job twice, as after a crash.
    await db.write(async (tx) => {
      for (let count = 0; count < 2; count += 1) tx.add(jobs.add("renew", input, { userId: me.id }));
    });
    const renewed = await eventually(async () => {
      const found = await node.as(me, "account.getSubscription", {});
      return found.status === "active" && found;
    });
    expect(renewed).toMatchObject({ price: { amount: 8900 }, billing: "settled" });
    expect((await node.charges(me)).map(({ captured }) => captured)).toEqual([8900]);
  });
});

describe("a renewal whose job begins before it is due by this node's clock", () => {
  it("is done when it is due", async () => {
    const { me, subscription } = await node.subscriber(await node.plan(7900, { trialDays: 1 }));
    const { db, jobs } = node.host;
    const at = now() + 3000;
    await db.write(({ query }) =>
      query.updateTable("subscriptions").set({ due_at: at }).where("id", "=", subscription.id).execute(),
    );
    const input = { subscriptionId: subscription.id, at: timestamp(at) };
    await db.write(async (tx) => tx.add(jobs.add("renew", input, { userId: me.id })));
    await eventually(async () => (await node.as(me, "account.getSubscription", {})).status === "active");
    expect(await node.charges(me)).toHaveLength(1);
  });
});

describe("a trial", () => {
  it("is reminded of three days before its end, unless it will not go on", async () => {
    const plan = await node.plan(7900, { trialDays: 14 });
    const remind = async (more: { cancelAtPeriodEnd?: boolean } = {}) => {
      const { me, subscription } = await node.subscriber(plan);
      await node.as(me, "account.editSubscription", more);
      const input = { subscriptionId: subscription.id, trialEnd: subscription.trialEnd! };
      const { items } = await node.as(staff, "account.listJobs", { kind: "remindTrial" });
      const job = await Promise.all(items.map(({ id }) => node.as(staff, "account.getJob", { id })));
      const { nextAt } = job.find((one) => (one.input as typeof input).subscriptionId === subscription.id)!;
      expect(Math.abs(Date.parse(nextAt!) + 3 * DAY - Date.parse(input.trialEnd))).toBeLessThan(60_000);
      const { db, jobs } = node.host;
      await db.write(async (tx) => tx.add(jobs.add("remindTrial", input, { userId: me.id })));
      return me;
    };
    const leaving = await remind({ cancelAtPeriodEnd: true });
    const me = await remind();
    await eventually(() => node.messages(me.id).length > 0);
    expect(node.messages(me.id)).toMatchObject([{ type: "trial_reminded", data: { price: { amount: 7900 } } }]);
    expect(node.messages(leaving.id)).toEqual([]);
  });
});

describe("a renewal whose job was lost", () => {
  it("is made up for by the hourly look, once", async () => {
    const { me, subscription } = await node.subscriber(await node.plan(7900, { trialDays: 1 }));
    const other = await node.subscriber(await node.plan(7900, { trialDays: 1 }));
    const { db, jobs } = node.host;
    const at = now() - HOUR;
    await db.write(({ query }) =>
      query.updateTable("subscriptions").set({ due_at: at }).where("id", "=", subscription.id).execute(),
    );
    await db.write(async (tx) => tx.add(jobs.add("catchUp", {}), jobs.add("catchUp", {})));
    await eventually(async () => (await node.as(me, "account.getSubscription", {})).status === "active");
    expect(await node.charges(me)).toHaveLength(1);
    expect(await node.as(other.me, "account.getSubscription", {})).toMatchObject({ status: "trialing" });
  });
});

describe("dunning", () => {
  const overdue = async () => {
    const plan = await node.plan(7900);
    const { me } = await node.subscriber(plan, "tok_declined");
    return { me, plan };
  };

  it("tries an overdue payment after 3, 5 and 7 days, and then ends the subscription", async () => {
    const { me } = await overdue();
    const { trialEnd } = await node.as(me, "account.getSubscription", {});
    const day = (days: number) => timestamp(Date.parse(trialEnd!) + days * DAY);
    expect(await node.advance(me, 15)).toMatchObject({ status: "past_due", nextAttemptAt: day(3) });
    expect(await node.advance(me, 3)).toMatchObject({ status: "past_due", nextAttemptAt: day(5) });
    expect(await node.advance(me, 2)).toMatchObject({ status: "past_due", nextAttemptAt: day(7) });
    expect(await node.advance(me, 2)).toMatchObject({
      status: "cancelled",
      reason: "payment_failed",
      endedAt: day(7),
    });
    expect(await node.invoices(me)).toMatchObject([{ status: "uncollectible" }]);
    // Four attempts, each a payment of its own, and none has taken anything.
    expect((await node.charges(me)).map(({ captured }) => captured)).toEqual([0, 0, 0, 0]);
    await eventually(() => node.told(me.id).at(-1)?.type === "entitlement_changed");
    expect(node.told(me.id).at(-1)!.data).toEqual({ userId: me.id, entitled: false });
    await eventually(() => node.messages(me.id).length === 4);
    expect(node.messages(me.id)).toMatchObject([
      ...[3, 5, 7].map((days) => ({ type: "payment_failed", data: { nextAttemptAt: day(days) } })),
      { type: "subscription_ended", data: { userId: me.id, reason: "payment_failed" } },
    ]);
  });

  it("goes on as if nothing had been when another payment method pays", async () => {
    const { me, plan } = await overdue();
    await node.advance(me, 15);
    await node.as(me, "account.editSubscription", { paymentMethod: "tok_success" });
    const renewed = await node.advance(me, 3);
    expect(renewed).toMatchObject({ status: "active", nextAttemptAt: null, plan: { id: plan.id } });
    expect(await node.advance(me, 700)).toMatchObject({ status: "active" });
    const invoices = await node.invoices(me);
    expect(new Set(invoices.map(({ status }) => status))).toEqual(new Set(["paid"]));
    const taken = (await node.charges(me)).filter(({ captured }) => captured > 0);
    expect(taken).toHaveLength(invoices.length);
  });
});

describe("a test clock", () => {
  it("never goes back, is moved by one at a time, and by staff alone", async () => {
    const me = someone();
    const plan = await node.plan(7900);
    await node.as(me, "account.subscribe", { planId: plan.id, paymentMethod: "tok_success" });
    await node.advance(me, 400);
    const { now: time } = await node.as(staff, "account.getTestClock", { userId: me.id });
    const to = (days: number) => ({ userId: me.id, to: timestamp(Date.parse(time) + days * DAY) });
    await expect(node.as(staff, "account.advance", to(-1))).rejects.toEqual(code("ACCOUNT_CLOCK_BACK"));
    await expect(node.as(staff, "account.advance", to(4000))).rejects.toEqual(code("ACCOUNT_CLOCK_BACK"));
    await expect(node.as(me, "account.advance", to(1))).rejects.toEqual(code("FORBIDDEN"));
    const both = await Promise.allSettled([
      node.as(staff, "account.advance", to(300)),
      node.as(staff, "account.advance", to(300)),
    ]);
    const refused = both.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    expect(refused).toEqual([code("ACCOUNT_CLOCK_ADVANCING")]);
    const moving = both.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    expect(moving).toMatchObject([{ now: time, target: to(300).to, status: "advancing" }]);
  });

  it("is not begun on an account with real invoices", async () => {
    const { me } = await node.subscriber(await node.plan(7900, { trialDays: 0 }));
    const advance = node.as(staff, "account.advance", { userId: me.id, to: timestamp(now() + DAY) });
    await expect(advance).rejects.toEqual(code("ACCOUNT_CLOCK_REFUSED"));
    await expect(node.as(staff, "account.getTestClock", { userId: me.id })).rejects.toEqual(code("NOT_FOUND"));
  });

  it("is no part of the shop's books", async () => {
    const { me } = await node.subscriber(await node.plan(7900));
    await node.advance(me, 20);
    expect(await node.invoices(me)).toMatchObject([{ number: expect.stringMatching(/^T\d{4}-\d{6}$/) }]);
  });
});
