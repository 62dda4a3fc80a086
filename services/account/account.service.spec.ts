/** @databases sqlite postgres */
import { newId } from "#core/id.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AccountNode, planOf, someone } from "../../test/support/systems/account-service.ts";

let node: AccountNode;

beforeAll(async () => {
  node = await AccountNode.open();
});
afterAll(() => node.close());

const code = (type: string) => expect.objectContaining({ type });
const videoId = newId();

describe("plans", () => {
  const staff = someone("staff");

  it("are made and changed by staff, and offered where they are meant for, cheapest first", async () => {
    const plan = await node.plan(11_900, { regions: ["KR"] });
    const dear = await node.plan(15_900, { regions: ["US"] });
    const offered = async (region?: string) => {
      const { items } = await node.broker.call<{ items: { id: string }[] }, object>("account.listPlans", { region });
      return items.map(({ id }) => id).filter((id) => [plan.id, dear.id].includes(id));
    };
    expect(await offered()).toEqual([plan.id, dear.id]);
    expect(await offered("KR")).toEqual([plan.id]);
    const price = { amount: 12_900, currency: "KRW" as const };
    const changed = await node.as(staff, "account.editPlan", { id: plan.id, version: 1, price });
    expect(changed).toEqual({ ...plan, price, version: 2 });
    const late = node.as(staff, "account.editPlan", { id: plan.id, version: 1, price });
    await expect(late).rejects.toEqual(code("STALE_VERSION"));
    await node.as(staff, "account.archivePlan", { id: plan.id });
    expect(await offered()).toEqual([dear.id]);
    expect(await node.as(someone(), "account.getPlan", { id: plan.id })).toMatchObject({
      archivedAt: expect.any(String),
    });
    const archived = node.as(someone(), "account.subscribe", { planId: plan.id, paymentMethod: "tok_success" });
    await expect(archived).rejects.toEqual(code("ACCOUNT_PLAN_NOT_FOUND"));
  });

  it("have a code each, and customers make none", async () => {
    const plan = planOf(`twice-${newId().slice(-8)}`, 1000);
    await node.as(staff, "account.createPlan", plan);
    await expect(node.as(staff, "account.createPlan", plan)).rejects.toEqual(code("ACCOUNT_CODE_TAKEN"));
    await expect(node.as(someone(), "account.createPlan", plan)).rejects.toEqual(code("FORBIDDEN"));
  });
});

describe("profiles", () => {
  it("are five at most, also when ten are made at once, and a stranger's do not exist", async () => {
    const me = someone();
    const made = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => node.as(me, "account.addProfile", { name: `Viewer ${index}` })),
    );
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    expect(made.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { type: "ACCOUNT_PROFILES_FULL", data: { most: 5 } },
    });
    const { items } = await node.as(me, "account.listProfiles", {});
    expect(items).toHaveLength(5);
    const stranger = node.as(someone(), "account.editProfile", { id: items[0]!.id, name: "Mine" });
    await expect(stranger).rejects.toEqual(code("NOT_FOUND"));
  });

  it("of children are limited, and change by their PIN alone", async () => {
    const me = someone();
    const child = await node.as(me, "account.addProfile", { name: "아이", language: "ko", isKids: true, pin: "2468" });
    expect(child).toMatchObject({ isKids: true, maxRating: 7, hasPin: true, version: 1 });
    const id = child.id;
    const loosen = (pin?: string) => node.as(me, "account.editProfile", { id, maxRating: 12, ...(pin && { pin }) });
    await expect(loosen()).rejects.toEqual(code("ACCOUNT_PIN_REQUIRED"));
    await expect(loosen("1357")).rejects.toEqual(code("ACCOUNT_PIN_WRONG"));
    expect(await loosen("2468")).toMatchObject({ maxRating: 12, version: 2 });
    const removed = node.as(me, "account.removeProfile", { id });
    await expect(removed).rejects.toEqual(code("ACCOUNT_PIN_REQUIRED"));
    await node.as(someone("staff"), "account.resetPin", { id });
    await node.as(me, "account.removeProfile", { id });
    await eventually(() => node.told(me.id).length > 0);
    expect(node.told(me.id)).toEqual([{ type: "profile_removed", data: { userId: me.id, profileId: id } }]);
  });

  it("that allow more than the children's are made with a PIN of the account", async () => {
    const me = someone();
    await node.as(me, "account.addProfile", { name: "Child", isKids: true, maxRating: 12, pin: "2468" });
    await node.as(me, "account.addProfile", { name: "Other child", isKids: true, pin: "8642" });
    const open = (more: object = {}) => node.as(me, "account.addProfile", { name: "Open", ...more });
    await expect(open()).rejects.toEqual(code("ACCOUNT_PIN_REQUIRED"));
    await expect(open({ isKids: true, maxRating: 15 })).rejects.toEqual(code("ACCOUNT_PIN_REQUIRED"));
    await expect(open({ parentPin: "1357" })).rejects.toEqual(code("ACCOUNT_PIN_WRONG"));
    expect(await open({ parentPin: "8642" })).toMatchObject({ isKids: false, hasPin: false });
    expect(await open({ isKids: true, maxRating: 12 })).toMatchObject({ maxRating: 12 });
  });

  it("allow more than before by a parent's PIN, which a child's own is not", async () => {
    const me = someone();
    const add = (name: string, more: object = {}) => node.as(me, "account.addProfile", { name, ...more });
    await add("Parent", { pin: "1111" });
    const { id } = await add("Child", { isKids: true });
    await node.as(me, "account.editProfile", { id, newPin: "2222" });
    const edit = (more: object) => node.as(me, "account.editProfile", { id, pin: "2222", ...more });
    await expect(edit({ maxRating: 12 })).rejects.toEqual(code("ACCOUNT_PIN_REQUIRED"));
    await expect(edit({ isKids: false })).rejects.toEqual(code("ACCOUNT_PIN_REQUIRED"));
    await expect(edit({ maxRating: 12, parentPin: "2222" })).rejects.toEqual(code("ACCOUNT_PIN_WRONG"));
    await expect(add("Open", { parentPin: "2222" })).rejects.toEqual(code("ACCOUNT_PIN_WRONG"));
    expect(await edit({ name: "Kid", maxRating: 3 })).toMatchObject({ name: "Kid", maxRating: 3 });
    expect(await edit({ maxRating: 12, parentPin: "1111" })).toMatchObject({ maxRating: 12 });
    const open = await add("Open", { isKids: true, maxRating: 12 });
    const loosen = { id: open.id, isKids: false };
    await expect(node.as(me, "account.editProfile", loosen)).rejects.toEqual(code("ACCOUNT_PIN_REQUIRED"));
    expect(await node.as(me, "account.editProfile", { ...loosen, parentPin: "1111" })).toMatchObject({ isKids: false });
  });

  it("count a right PIN as wrong nowhere, and forget no wrong one by it", async () => {
    const me = someone();
    const add = (name: string, more: object = {}) => node.as(me, "account.addProfile", { name, ...more });
    const [first, second] = [
      await add("First", { pin: "1111" }),
      await add("Second", { pin: "3333", parentPin: "1111" }),
    ];
    const { id } = await add("Child", { isKids: true });
    const guess = node.as(me, "account.editProfile", { id: first.id, pin: "9999", name: "Mine" });
    await expect(guess).rejects.toEqual(code("ACCOUNT_PIN_WRONG"));
    for (let maxRating = 8; maxRating < 15; maxRating += 1)
      await node.as(me, "account.editProfile", { id, maxRating, parentPin: "3333" });
    const rows = await node.db.query
      .selectFrom("profiles")
      .select(["id", "pin_tries"])
      .where("user_id", "=", me.id)
      .execute();
    const tries = Object.fromEntries(rows.map((row) => [row.id, row.pin_tries]));
    expect([tries[first.id], tries[second.id]]).toEqual([1, 0]);
    // One that is wrong is wrong for both.
    for (let count = 0; count < 4; count += 1)
      await expect(node.as(me, "account.editProfile", { id, maxRating: 18, parentPin: "9999" })).rejects.toEqual(
        code("ACCOUNT_PIN_WRONG"),
      );
    const own = node.as(me, "account.editProfile", { id: first.id, pin: "1111", name: "Mine" });
    await expect(own).rejects.toEqual(code("RATE_LIMITED"));
  });

  it("let nobody guess a PIN, also by many requests at once", async () => {
    const me = someone();
    const { id } = await node.as(me, "account.addProfile", { name: "Locked", pin: "9731" });
    const guess = (pin: string) => node.as(me, "account.editProfile", { id, pin, name: "Open" });
    const guesses = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => guess(`${1000 + index}`)));
    const types = guesses.map((one) => (one as PromiseRejectedResult).reason.type as string);
    expect(types.filter((type) => type === "ACCOUNT_PIN_WRONG")).toHaveLength(5);
    expect(types.filter((type) => type === "RATE_LIMITED")).toHaveLength(15);
    await expect(guess("9731")).rejects.toEqual(code("RATE_LIMITED"));
  });
});

describe("account.entitle", () => {
  const viewer = async () => {
    const me = someone();
    const profile = await node.as(me, "account.addProfile", { name: "Alex", language: "en" });
    const entitle = (more: { pin?: string; profileId?: string } = {}) =>
      node.asPlayback("account.entitle", { userId: me.id, profileId: profile.id, videoId, ...more }, me.id);
    return { me, profile, entitle };
  };

  it("answers by the plan while there is a subscription, and tells when that ends", async () => {
    const { me, profile, entitle } = await viewer();
    await expect(entitle()).rejects.toEqual(code("ACCOUNT_NOT_ENTITLED"));
    const plan = await node.plan(11_900);
    const key = newId();
    const subscribe = () => node.as(me, "account.subscribe", { planId: plan.id, paymentMethod: "tok_success" }, key);
    const begun = await subscribe();
    expect(begun).toMatchObject({ status: "trialing", plan: { code: plan.code }, cancelAtPeriodEnd: false });
    expect(Date.parse(begun.trialEnd!) - Date.parse(begun.createdAt)).toBe(14 * 86_400_000);
    expect(await subscribe()).toEqual(begun);
    expect(await entitle()).toEqual({
      source: "subscription",
      plan: plan.code,
      maxStreams: 2,
      maxHeight: 720,
      until: expect.any(String),
      profile: { id: profile.id, name: "Alex", language: "en", isKids: false, maxRating: null },
    });
    expect(await node.as(me, "account.cancel", {})).toMatchObject({ status: "cancelled", reason: "customer" });
    await expect(entitle()).rejects.toEqual(code("ACCOUNT_NOT_ENTITLED"));
    await eventually(() => node.told(me.id).length === 4);
    const about = { userId: me.id, subscriptionId: begun.id, plan: plan.code };
    expect(node.told(me.id)).toEqual([
      { type: "subscription_changed", data: { ...about, status: "trialing" } },
      { type: "entitlement_changed", data: { userId: me.id, entitled: true } },
      { type: "subscription_changed", data: { ...about, status: "cancelled" } },
      { type: "entitlement_changed", data: { userId: me.id, entitled: false } },
    ]);
  });

  it("rejects a stranger's profile, and a locked one without its PIN", async () => {
    const { me, entitle } = await viewer();
    const plan = await node.plan(11_900);
    await node.as(me, "account.subscribe", { planId: plan.id, paymentMethod: "tok_success" });
    const stranger = await viewer();
    await expect(entitle({ profileId: stranger.profile.id })).rejects.toEqual(code("ACCOUNT_PROFILE_NOT_FOUND"));
    const locked = await node.as(me, "account.addProfile", { name: "Mine", pin: "4821" });
    const profileId = locked.id;
    await expect(entitle({ profileId })).rejects.toEqual(code("ACCOUNT_PIN_REQUIRED"));
    await expect(entitle({ profileId, pin: "1111" })).rejects.toEqual(code("ACCOUNT_PIN_WRONG"));
    expect(await entitle({ profileId, pin: "4821" })).toMatchObject({ profile: { id: profileId } });
    const child = await node.as(me, "account.addProfile", { name: "Child", isKids: true, pin: "4821" });
    expect(await entitle({ profileId: child.id })).toMatchObject({ profile: { maxRating: 7 } });
  });
});

describe("account.subscribe", () => {
  it("begins one subscription when ten are asked for at once", async () => {
    const me = someone();
    const plan = await node.plan(7900);
    const subscribe = () => node.as(me, "account.subscribe", { planId: plan.id, paymentMethod: "tok_success" });
    const ends = await Promise.allSettled(Array.from({ length: 10 }, subscribe));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const reasons = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    expect(reasons).toEqual(Array.from({ length: 9 }, () => code("ACCOUNT_ALREADY_SUBSCRIBED")));
  });
});
