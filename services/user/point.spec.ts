/**
 * Points at moments that the spec chooses: what many ask for at once is what there is, and the ledger adds up.
 * @databases sqlite postgres
 */
import { DAY } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { migrationsIn } from "#mixins/database/migrate.ts";
import { openStorage } from "../../test/support/systems/storage.ts";
import { due, expire as expireHold, hold, redeem, refund, release } from "./benefit.transition.ts";
import { adjust, close, earn, expire, look } from "./point.transition.ts";
import * as points from "./point.repository.ts";
import type { UserTables } from "./user.repository.ts";

const TTL = 1000;
const [WEEK, MONTH] = [7 * DAY, 31 * DAY];
let db: Database<UserTables>;
beforeAll(async () => {
  db = await openStorage<UserTables>();
  await db.migrate(await migrationsIn(new URL("./migrations/", import.meta.url)));
});
afterAll(() => db.close());
afterEach(async () => expect(await contradictions()).toEqual([]));

/** Somebody with points that staff gave, each with the life of its lot. */
async function person(...lots: readonly [points: number, life: number][]): Promise<string> {
  const id = newId();
  for (const [given, life] of lots) await give(id, given, life);
  return id;
}
const give = (id: string, some: number, life = MONTH, now = 0) =>
  db.write((tx) => adjust(tx, id, { points: some, note: "Sorry", staffId: newId(), life }, now));
const paid = (userId: string, orderId: string, more: number) =>
  db.write((tx) => earn(tx, { userId, orderId }, more, { rate: 100, life: MONTH }, 0));

const use = {
  hold: (userId: string, some: number, orderId = newId(), now = 0) =>
    hold(db, { orderId, userId, coupons: [], points: some, expiresAt: now + TTL }, now).then(() => orderId),
  redeem: (orderId: string, now = 0) => redeem(db, orderId, newId(), now),
  release: (orderId: string, now = 0) => db.write((tx) => release(tx, orderId, now)),
  refund: (orderId: string, some: number, refundId = newId()) =>
    db.write((tx) => refund(tx, { orderId, refundId, points: some }, 0)),
  async sweep(now: number) {
    for (const orderId of await due(db, now, 1000)) await expireHold(db, orderId, now);
  },
};
const has = async (id: string, now = 0) => {
  const { balance, held, owed } = await look(db, id, now);
  return [balance, held, owed];
};
const lotsOf = async (id: string) => (await look(db, id, 0)).lots.map((lot) => [lot.points, lot.expires_at / DAY]);
const tooFew = (balance: number) => expect.objectContaining({ type: "USER_POINTS_TOO_FEW", data: { balance } });

/** What the ledger says of each person, and differs from their account or their lots. */
async function contradictions() {
  const [bookings, accounts, lots] = await Promise.all([
    db.query
      .selectFrom("point_bookings as b")
      .innerJoin("point_transactions as t", "t.id", "b.transaction_id")
      .select(["t.user_id", "source", "target", "amount"])
      .execute(),
    db.query.selectFrom("point_accounts").selectAll().execute(),
    db.query.selectFrom("point_lots").selectAll().execute(),
  ]);
  const sums = (id: string, account: string) =>
    bookings
      .filter(({ user_id }) => user_id === id)
      .reduce(
        (all, { source, target, amount }) => all + (target === account ? amount : source === account ? -amount : 0),
        0,
      );
  return accounts.filter(({ user_id: id, balance, held, owed }) => {
    const inLots = lots.filter(({ user_id }) => user_id === id).reduce((all, lot) => all + lot.points, 0);
    return (
      sums(id, "person") !== balance || sums(id, "held") !== held || sums(id, "owed") !== -owed || inLots !== balance
    );
  });
}

describe("100 at once", () => {
  it.each([
    ["hold", (id: string) => use.hold(id, 300)],
    ["hold and redeem", (id: string) => use.hold(id, 300).then((orderId) => use.redeem(orderId))],
    ["are taken by staff", (id: string) => give(id, -300)],
  ])("%s no more points than there are", async (_, spend) => {
    const id = await person([4000, WEEK], [6000, MONTH]);
    const ends = await Promise.allSettled(Array.from({ length: 100 }, () => spend(id)));
    const refusals = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    expect(refusals).toEqual(Array.from({ length: 67 }, () => tooFew(100)));
    expect((await has(id))[0]).toBe(100);
  });
});

describe("points", () => {
  it("that expire first are used first, and come back to where they were", async () => {
    const id = await person([100, MONTH], [50, WEEK]);
    const orderId = await use.hold(id, 120);
    expect(await has(id)).toEqual([30, 120, 0]);
    expect(await lotsOf(id)).toEqual([[30, 31]]);
    await use.release(orderId);
    await use.release(orderId);
    expect(await lotsOf(id)).toEqual([
      [50, 7],
      [100, 31],
    ]);
    await expect(use.hold(id, 1, orderId)).rejects.toMatchObject({ type: "USER_BENEFITS_RELEASED" });
    await expect(use.hold(id, 151)).rejects.toEqual(tooFew(150));
  });

  it("of one order are held and redeemed once, however often it asks", async () => {
    const [id, orderId] = [await person([100, WEEK]), newId()];
    await Promise.all(Array.from({ length: 8 }, () => use.hold(id, 60, orderId)));
    await expect(use.hold(id, 61, orderId)).rejects.toMatchObject({ type: "USER_BENEFITS_MISMATCH" });
    await Promise.all(Array.from({ length: 8 }, () => use.redeem(orderId)));
    expect(await has(id)).toEqual([40, 0, 0]);
  });

  it("that nobody redeems come back, and are held anew by the payment that comes late, where there are enough", async () => {
    const id = await person([100, WEEK]);
    const late = await use.hold(id, 80);
    await use.sweep(TTL);
    expect(await has(id)).toEqual([100, 0, 0]);
    const other = await use.hold(id, 50);
    await expect(use.redeem(late)).rejects.toEqual(tooFew(50));
    await use.release(other);
    await use.redeem(late);
    expect(await has(id)).toEqual([20, 0, 0]);
  });

  it("come back in parts, each once, those first that expire last, and never more than were used", async () => {
    const id = await person([50, WEEK], [50, MONTH]);
    const orderId = await use.hold(id, 100);
    await use.redeem(orderId);
    const refundId = newId();
    await Promise.all([1, 2, 3].map(() => use.refund(orderId, 60, refundId)));
    expect(await lotsOf(id)).toEqual([
      [10, 7],
      [50, 31],
    ]);
    await use.refund(orderId, 30);
    await use.release(orderId);
    await use.refund(orderId, 30);
    expect(await lotsOf(id)).toEqual([
      [50, 7],
      [50, 31],
    ]);
  });

  it("expire, and those that come back later can be used for another month", async () => {
    const id = await person([100, WEEK], [7, MONTH]);
    const orderId = await use.hold(id, 60);
    expect(await has(id, WEEK)).toEqual([7, 60, 0]);
    await expect(use.hold(id, 8, newId(), WEEK)).rejects.toEqual(tooFew(7));
    await db.write((tx) => expire(tx, id, WEEK));
    await use.release(orderId, WEEK);
    expect(await lotsOf(id)).toEqual([
      [7, 31],
      [60, 37],
    ]);
    const { items } = await points.page(db, id, {});
    expect(items.map(({ reason, points: changed }) => [reason, changed])).toEqual([
      ["returned", 60],
      ["expired", -40],
      ["used", -60],
      ["adjusted", 7],
      ["adjusted", 100],
    ]);
  });

  it("that are taken back after they were used are owed, and the next ones pay that", async () => {
    const [id, orderId] = [newId(), newId()];
    await paid(id, orderId, 10_000);
    const other = await use.hold(id, 70);
    await paid(id, orderId, -10_000);
    expect(await has(id)).toEqual([0, 70, 70]);
    await give(id, 30);
    expect(await has(id)).toEqual([0, 70, 40]);
    await use.release(other);
    expect(await has(id)).toEqual([30, 0, 0]);
  });

  it("are earned for the sum that was paid, in whatever parts and order that is told", async () => {
    const [id, orderId] = [newId(), newId()];
    await paid(id, orderId, -150);
    await Promise.all([paid(id, orderId, 199), paid(id, orderId, 150)]);
    expect(await has(id)).toEqual([1, 0, 0]);
    await paid(id, orderId, 1);
    expect(await has(id)).toEqual([2, 0, 0]);
    await paid(id, orderId, -200);
    expect(await has(id)).toEqual([0, 0, 0]);
  });

  it("go with the account", async () => {
    const id = await person([100, WEEK]);
    await db.write((tx) => close(tx, id, 0));
    expect(await has(id)).toEqual([0, 0, 0]);
    const { items } = await points.page(db, id, {});
    expect(items.filter(({ note }) => note !== undefined)).toEqual([]);
  });
});

describe("the tables of points", () => {
  it.each(["balance", "held", "owed"] as const)("refuse a negative %s", async (column) => {
    const id = await person([100, WEEK]);
    const change = { balance: 0, held: 0, owed: 0, [column]: -101 };
    await expect(db.run(points.changeAccount, { user_id: id, ...change })).rejects.toThrow(/check constraint/i);
  });

  it.each([
    [{ source: "person", target: "person", expires_at: 1 }],
    [{ source: "issued", target: "person", expires_at: null }],
    [{ source: "person", target: "nowhere" as "spent", expires_at: 1 }],
    [{ source: "issued", target: "spent", expires_at: null, amount: 0 }],
  ] as const)("refuse the booking %j", async (booking) => {
    await person([100, WEEK]);
    const { id } = await db.query.selectFrom("point_transactions").select("id").executeTakeFirstOrThrow();
    const row = { transaction_id: id, position: 9, amount: 1, ...booking };
    await expect(db.run(points.insertBooking, row)).rejects.toThrow(/check constraint/i);
  });
});
