/** The life of a hold: coupons and points are held for an order until they are redeemed, released, or the hold expires. */
import { requestHash } from "#core/request-hash.ts";
import { required, type Write } from "#mixins/database/write.ts";
import type { Database } from "#mixins/database/database.ts";
import type { HeldCoupon, Refusal } from "./benefit.contract.ts";
import { comingBack, effects, type HoldRow, type Move } from "./benefit.model.ts";
import * as holds from "./benefit.repository.ts";
import { refusalOf } from "./coupon.model.ts";
import * as coupons from "./coupon.repository.ts";
import * as points from "./point.transition.ts";
import { user } from "./user.contract.ts";
import type { Db, Tx, UserTables } from "./user.repository.ts";

type Storage = Database<UserTables>;

interface Request {
  readonly orderId: string;
  readonly userId: string;
  readonly coupons: readonly HeldCoupon[];
  readonly points?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The order has asked before. */
class Known extends Error {}

/** A coupon is not good, or no longer. */
class Refused extends Error {
  readonly couponId: string;
  constructor(couponId: string) {
    super();
    this.couponId = couponId;
  }
}

/**
 * Holds all that an order asks for, or nothing. A repeated call extends the time to the new `expiresAt`.
 * @param now milliseconds since the epoch
 * @throws COUPON_REFUSED, POINTS_TOO_FEW, BENEFITS_RELEASED, BENEFITS_MISMATCH
 */
export async function hold(db: Storage, request: Request, now: number): Promise<void> {
  const sorted = { ...request, coupons: request.coupons.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
  await explained(db, request.userId, now, async () => {
    try {
      await db.write(async (tx) => {
        tx.add(...holdNew(sorted, now));
        await points.hold(tx, request, request.points ?? 0, now);
      });
    } catch (error) {
      if (!(error instanceof Known)) throw error;
      await db.write((tx) => renew(tx, sorted, now));
    }
  });
}

/** Without points as nodes of the release before make it. */
const hashOf = ({ coupons: wanted, points: some = 0 }: Request): string =>
  requestHash(some === 0 ? wanted : { coupons: wanted, points: some });

function holdNew(request: Request, now: number): readonly Write[] {
  const { orderId, userId, coupons: wanted, expiresAt } = request;
  const held = { state: "held", points: request.points ?? 0, expires_at: expiresAt } as const;
  const row = { ...held, order_id: orderId, user_id: userId, request_hash: hashOf(request) };
  const lines = wanted.map(({ id, amount }) => ({ coupon_id: id, ...amount }));
  return [
    required(holds.insertHold.with(row), () => new Known()),
    // Terms first: a coupon that is not there is refused before anything names it.
    ...wanted.map(({ id, version }) =>
      required(holds.takeCoupon.with({ coupon_id: id, version, now }), () => new Refused(id)),
    ),
    ...lines.map((line) => holds.insertCouponHold.with({ order_id: orderId, ...line })),
    ...lines.flatMap((line) => holdAgain({ ...line, user_id: userId })),
  ];
}

/** Whatever its terms have become: what was held once is only refused where others have taken the rest. */
const holdAgain = (use: holds.Use): readonly Write[] => [
  required(holds.holdCoupon.with(use), () => new Refused(use.coupon_id)),
  required(holds.holdUse.with(use), () => new Refused(use.coupon_id)),
];

async function renew(tx: Tx, request: Request, now: number): Promise<void> {
  const { orderId, expiresAt } = request;
  const found = (await tx.one(holds.lock, { order_id: orderId }))!;
  if (found.state === "released") throw user.error("BENEFITS_RELEASED");
  if (found.request_hash !== hashOf(request)) throw user.error("BENEFITS_MISMATCH");
  if (found.state === "redeemed") return;
  if (found.state === "expired") {
    tx.add(...(await usesIn(tx, found)).flatMap(holdAgain));
    await points.hold(tx, of(found), found.points, now);
  }
  tx.add(holds.setState.with({ order_id: orderId, state: "held", expires_at: expiresAt }));
}

/**
 * Uses up what an order holds. What has expired is held anew where others have left enough.
 * @param now milliseconds since the epoch
 * @throws COUPON_REFUSED, POINTS_TOO_FEW, NOT_FOUND, BENEFITS_RELEASED
 */
export async function redeem(db: Storage, orderId: string, userId: string, now: number): Promise<void> {
  await explained(db, userId, now, () =>
    db.write(async (tx) => {
      const found = await tx.one(holds.lock, { order_id: orderId });
      if (!found) throw user.error("NOT_FOUND");
      if (found.state === "released") throw user.error("BENEFITS_RELEASED");
      if (found.state === "redeemed") return;
      const uses = await usesIn(tx, found);
      if (found.state === "expired") {
        tx.add(...uses.flatMap(holdAgain));
        await points.hold(tx, of(found), found.points, now);
      }
      tx.add(holds.setState.with({ order_id: orderId, state: "redeemed", expires_at: null }), ...moved(uses, "redeem"));
      points.redeem(tx, of(found), found.points, now);
    }),
  );
}

/**
 * Gives back what an order holds or has used up. An order that holds nothing is marked, so that a hold that arrives late is
 * refused.
 */
export async function release(tx: Tx, orderId: string, now: number): Promise<void> {
  const released = { order_id: orderId, state: "released", expires_at: null } as const;
  if (await tx.run(holds.insertHold, { ...released, user_id: null, points: 0, request_hash: null })) return;
  const found = (await tx.one(holds.lock, released))!;
  const move = comingBack[found.state];
  tx.add(holds.setState.with(released));
  if (!move) return;
  tx.add(...moved(await usesIn(tx, found), move));
  if (found.points > 0) await points.release(tx, of(found), move === "return" ? "spent" : "held", now);
}

interface Refund {
  readonly orderId: string;
  readonly refundId: string;
  readonly points: number;
}

/** Gives back some of the points that an order has used up. @throws NOT_FOUND */
export async function refund(tx: Tx, { orderId, ...part }: Refund, now: number): Promise<void> {
  const found = await tx.one(holds.lock, { order_id: orderId });
  if (!found) throw user.error("NOT_FOUND");
  // After its release nothing is left to give back.
  if (found.state === "redeemed") await points.giveBack(tx, { ...of(found), ...part }, now);
}

const of = ({ order_id, user_id }: HoldRow) => ({ orderId: order_id, userId: user_id! });

/** Orders whose holds are over at `now`, milliseconds since the epoch. */
export async function due(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db.all(holds.overdue.list, { now, limit });
  return rows.map(({ order_id }) => order_id);
}

/** Releases what an order holds beyond its time, unless it was renewed or has ended meanwhile. */
export async function expire(db: Storage, orderId: string, now: number): Promise<void> {
  await db.write(async (tx) => {
    const found = await tx.one(holds.expireDue, { order_id: orderId, now });
    if (!found) return;
    tx.add(...moved(await usesIn(tx, found), "expire"));
    if (found.points > 0) await points.release(tx, of(found), "held", now);
  });
}

async function usesIn(tx: Tx, { order_id, user_id }: HoldRow): Promise<holds.Use[]> {
  const rows = await tx.all(holds.listCoupons, { order_id });
  return rows.map((row) => ({ ...row, user_id: user_id! }));
}

function moved(uses: readonly holds.Use[], move: Move): readonly Write[] {
  const { held, redeemed } = effects[move];
  return uses.flatMap((use) => [
    holds.moveCoupon.with({
      ...use,
      held,
      redeemed,
      budget_held: held * use.amount,
      budget_spent: redeemed * use.amount,
    }),
    holds.moveUse.with({ ...use, held, redeemed }),
  ]);
}

/** @throws the error of `work`; COUPON_REFUSED with the reason where a coupon is not good */
async function explained(db: Storage, userId: string, now: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw await refused(db, userId, now, error.couponId);
  }
}

async function refused(db: Db, userId: string, now: number, couponId: string) {
  const row = await coupons.find(db, couponId);
  // None of these: the terms are others than the order was told, or what is left of the budget is less than it needs.
  const reason: Refusal =
    refusalOf(row, await coupons.usesOf(db, couponId, userId), now) ?? (row.budget === null ? "changed" : "used_up");
  return user.error("COUPON_REFUSED", { coupons: [{ code: row.code, reason }] });
}
