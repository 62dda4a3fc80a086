/**
 * Holds of coupons, at moments that the spec chooses: what many ask for at once is what the caps and budgets allow.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { migrationsIn } from "#mixins/database/migrate.ts";
import { openStorage } from "../../test/support/systems/storage.ts";
import { due, expire, hold, redeem, release } from "./benefit.transition.ts";
import type { NewCoupon } from "./coupon.contract.ts";
import { newCoupon } from "./coupon.model.ts";
import { add, find } from "./coupon.repository.ts";
import type { UserTables } from "./user.repository.ts";

const TTL = 1000;
let db: Database<UserTables>;

beforeAll(async () => {
  db = await openStorage<UserTables>();
  await db.migrate(await migrationsIn(new URL("./migrations/", import.meta.url)));
});
afterAll(() => db.close());

const won = (amount: number) => ({ amount, currency: "KRW" as const });
const offered = async (terms: Partial<NewCoupon> = {}): Promise<string> => {
  const coupon = newCoupon("en", { code: newId(), kind: "percent", percent: 1000, ...terms });
  return (await db.write((tx) => add(tx, coupon))).id;
};

interface Asking {
  readonly orderId?: string;
  readonly userId?: string;
  readonly amount?: number;
  readonly version?: number;
}
const ask = {
  hold: (id: string, { orderId = newId(), userId = newId(), amount = 100, version = 1 }: Asking = {}, now = 0) =>
    hold(db, { orderId, userId, coupons: [{ id, version, amount: won(amount) }], expiresAt: now + TTL }, now),
  redeem: (orderId: string, now = 0) => redeem(db, orderId, newId(), now),
  release: (orderId: string) => db.write((tx) => release(tx, orderId, 0)),
  async sweep(now: number) {
    for (const orderId of await due(db, now, 100)) await expire(db, orderId, now);
  },
};
const counts = async (id: string) => {
  const { held, redeemed, budget_held, budget_spent } = await find(db, id);
  return [held, redeemed, budget_held, budget_spent];
};
const refusal = (reason: string) =>
  expect.objectContaining({
    type: "USER_COUPON_REFUSED",
    data: { coupons: [expect.objectContaining({ reason })] },
  });
/** The number of those that were done. */
const done = async (asked: readonly Promise<unknown>[]): Promise<number> => {
  const ends = await Promise.allSettled(asked);
  for (const end of ends)
    if (end.status === "rejected") expect(end.reason).toMatchObject({ type: "USER_COUPON_REFUSED" });
  return ends.filter(({ status }) => status === "fulfilled").length;
};
const many = (count: number, work: (at: number) => Promise<unknown>) =>
  done(Array.from({ length: count }, (_, at) => work(at)));

describe("many at once", () => {
  it("hold and redeem a coupon as often as its cap allows, and no more", async () => {
    const id = await offered({ most: 10 });
    const whole = async () => {
      const orderId = newId();
      await ask.hold(id, { orderId });
      await ask.redeem(orderId);
    };
    expect(await many(50, whole)).toBe(10);
    expect(await counts(id)).toEqual([0, 10, 0, 0]);
  });

  it("hold one as often as the cap of a person allows", async () => {
    const id = await offered({ mostPerPerson: 2 });
    const [mina, alex] = [newId(), newId()];
    expect(await many(20, (at) => ask.hold(id, { userId: at % 2 === 0 ? mina : alex }))).toBe(4);
  });

  it("never pass its budget", async () => {
    const id = await offered({ budget: won(100_000) });
    expect(await many(50, () => ask.hold(id, { amount: 7000 }))).toBe(14);
    expect(await counts(id)).toEqual([14, 0, 98_000, 0]);
  });

  it("hold once what one order asks for several times", async () => {
    const [id, orderId, userId] = [await offered(), newId(), newId()];
    expect(await many(8, () => ask.hold(id, { orderId, userId }))).toBe(8);
    expect(await counts(id)).toEqual([1, 0, 0, 0]);
  });

  it("redeem or release a hold, and never both", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [id, orderId] = [await offered({ budget: won(1000) }), newId()];
      await ask.hold(id, { orderId });
      await Promise.allSettled([ask.redeem(orderId), ask.release(orderId), ask.sweep(TTL)]);
      await ask.release(orderId);
      expect(await counts(id)).toEqual([0, 0, 0, 0]);
    }
  });
});

describe("a hold", () => {
  it("is redeemed once, and comes back when the order is cancelled afterwards", async () => {
    const [id, orderId] = [await offered({ budget: won(1000) }), newId()];
    await ask.hold(id, { orderId });
    await ask.redeem(orderId);
    await ask.redeem(orderId);
    await ask.sweep(TTL);
    expect(await counts(id)).toEqual([0, 1, 0, 100]);
    await ask.release(orderId);
    await ask.release(orderId);
    expect(await counts(id)).toEqual([0, 0, 0, 0]);
    await expect(ask.redeem(orderId)).rejects.toMatchObject({ type: "USER_BENEFITS_RELEASED" });
  });

  it("expires, and is held anew by the payment that comes late, where something is left", async () => {
    const [id, late, later] = [await offered({ most: 1 }), newId(), newId()];
    await ask.hold(id, { orderId: late });
    await ask.sweep(TTL - 1);
    expect(await counts(id)).toEqual([1, 0, 0, 0]);
    await ask.sweep(TTL);
    await ask.hold(id, { orderId: later }, TTL);
    await expect(ask.redeem(late, TTL)).rejects.toEqual(refusal("used_up"));
    await ask.release(later);
    await ask.redeem(late, TTL);
    expect(await counts(id)).toEqual([0, 1, 0, 0]);
  });

  it("is extended by a repeated call, and refused for another request or after the release", async () => {
    const [id, orderId, userId] = [await offered(), newId(), newId()];
    await ask.hold(id, { orderId, userId });
    await ask.hold(id, { orderId, userId }, TTL - 1);
    await ask.sweep(TTL);
    expect(await counts(id)).toEqual([1, 0, 0, 0]);
    await expect(ask.hold(id, { orderId, userId, amount: 1 })).rejects.toMatchObject({
      type: "USER_BENEFITS_MISMATCH",
    });
    const released = newId();
    await ask.release(released);
    await expect(ask.hold(id, { orderId: released })).rejects.toMatchObject({ type: "USER_BENEFITS_RELEASED" });
    await expect(ask.redeem(newId())).rejects.toMatchObject({ type: "NOT_FOUND" });
  });

  it.each<[string, Partial<NewCoupon>, Asking]>([
    ["ended", { until: new Date(5).toISOString() }, {}],
    ["not_yet", { from: new Date(50).toISOString() }, {}],
    ["changed", {}, { version: 2 }],
    ["used_up", { budget: won(99) }, {}],
  ])("is refused with the reason %s, and nothing stays held", async (reason, terms, asking) => {
    const [good, id] = [await offered(), await offered(terms)];
    const coupons = [good, id].map((one) => ({
      id: one,
      version: one === id ? (asking.version ?? 1) : 1,
      amount: won(100),
    }));
    await expect(hold(db, { orderId: newId(), userId: newId(), coupons, expiresAt: TTL }, 10)).rejects.toEqual(
      refusal(reason),
    );
    expect(await counts(good)).toEqual([0, 0, 0, 0]);
  });
});

describe("the coupon tables", () => {
  it.each(["held = -1", "redeemed = 11", "budget_held = 1001", "budget_spent = -1"])("refuse %s", async (values) => {
    const id = await offered({ most: 10, budget: won(1000) });
    const [column, value] = values.split(" = ") as ["held", string];
    const written = db.write((tx) =>
      tx.query
        .updateTable("coupons")
        .set({ [column]: Number(value) })
        .where("id", "=", id)
        .execute(),
    );
    await expect(written).rejects.toThrow(/check constraint/i);
  });
});
