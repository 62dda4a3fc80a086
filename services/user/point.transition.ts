/** What becomes of points. A transaction that changes a person's points holds the lock of that person, so that each sees what the one before has left. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import {
  type Account,
  type AccountRow,
  type Booking,
  coming,
  earnedFor,
  effectOf,
  expiryAfter,
  firstOf,
  going,
  type Lot,
  revived,
  sum,
  taking,
  tellAt,
  type TransactionRow,
} from "./point.model.ts";
import * as points from "./point.repository.ts";
import { user } from "./user.contract.ts";
import type { Db, Tx } from "./user.repository.ts";

const nobodys = { balance: 0, held: 0, owed: 0 };

/** What somebody has. The lots are sorted, the earliest expiring first. */
export interface Purse extends AccountRow {
  readonly lots: readonly Lot[];
}

type About = Pick<TransactionRow, "reason"> & Partial<Pick<TransactionRow, "order_id" | "cause" | "note" | "staff_id">>;

/** @param now milliseconds since the epoch: what has expired is not counted, though it may not have been booked yet */
export async function look(db: Db, userId: string, now: number): Promise<Purse> {
  const account = (await db.one(points.findAccount, { user_id: userId })) ?? { user_id: userId, ...nobodys };
  const lots = (await db.all(points.listLots, { user_id: userId })).filter(({ expires_at }) => expires_at > now);
  return { ...account, balance: sum(lots), lots };
}

/** What somebody has, which this transaction alone may change. What has expired by now is booked. */
export async function open(tx: Tx, userId: string, now: number): Promise<Purse> {
  tx.lock(`points:${userId}`);
  tx.add(points.insertAccount.with({ user_id: userId }));
  const found = await tx.all(points.listLots, { user_id: userId });
  const [lots, expired] = [found.filter((lot) => lot.expires_at > now), found.filter((lot) => lot.expires_at <= now)];
  if (expired.length > 0) book(tx, userId, { reason: "expired" }, going("expired", expired), now);
  const account = (await tx.one(points.findAccount, { user_id: userId }))!;
  return { ...account, balance: sum(lots), lots };
}

/** The transaction of the ledger, and what it comes to. */
function book(tx: Tx, userId: string, about: About, bookings: readonly Booking[], now: number): void {
  const id = newId();
  const { change, points: changed, lots } = effectOf(bookings);
  const blank = { order_id: null, cause: null, note: null, staff_id: null };
  const row = { ...blank, ...about, id, user_id: userId, points: changed, created_at: timestamp() };
  tx.add(
    points.insertTransaction.with(row),
    ...bookings.map((one, position) => points.insertBooking.with({ ...one, transaction_id: id, position })),
    points.changeAccount.with({ user_id: userId, ...change }),
    ...lots.map((lot) =>
      lot.points > 0
        ? points.addToLot.with({ user_id: userId, ...lot, tell_at: tellAt(lot.expires_at, now) })
        : points.takeFromLot.with({ user_id: userId, ...lot }),
    ),
    ...(lots.length > 0 ? [points.removeEmptyLots.with({ user_id: userId })] : []),
  );
}

/** @param lots by when they expire */
function bring(tx: Tx, purse: Purse, source: Account, lots: readonly Lot[], about: About, now: number): void {
  if (sum(lots) > 0) book(tx, purse.user_id, about, coming(source, lots, purse.owed), now);
}

interface Adjustment {
  readonly points: number;
  readonly note: string;
  readonly staffId: string;
  /** Milliseconds for which they can be used. */
  readonly life: number;
}

/** Staff give points, or take some. @throws POINTS_TOO_FEW */
export async function adjust(tx: Tx, userId: string, { points: asked, note, staffId, life }: Adjustment, now: number) {
  const purse = await open(tx, userId, now);
  const about = { reason: "adjusted", note, staff_id: staffId } as const;
  if (asked > 0) bring(tx, purse, "issued", [{ points: asked, expires_at: expiryAfter(now, life) }], about, now);
  else book(tx, userId, about, going("issued", take(purse, -asked)), now);
  return look(tx, userId, now);
}

/** @throws POINTS_TOO_FEW */
function take({ balance, lots }: Purse, wanted: number): Lot[] {
  if (balance < wanted) throw user.error("POINTS_TOO_FEW", { balance });
  return firstOf(lots, wanted);
}

/** What expired. A lot that was used up, or renewed meanwhile, is left alone. */
export async function expire(tx: Tx, userId: string, now: number): Promise<void> {
  await open(tx, userId, now);
}

/** Somebody leaves: their points go, and what staff wrote about them. */
export async function close(tx: Tx, userId: string, now: number): Promise<void> {
  if (!(await tx.one(points.findAccount, { user_id: userId }))) return;
  const { lots } = await open(tx, userId, now);
  if (lots.length > 0) book(tx, userId, { reason: "account_closed" }, going("expired", lots), now);
  tx.add(points.eraseNotes.with({ user_id: userId }));
}

interface OfOrder {
  readonly userId: string;
  readonly orderId: string;
}

/** An order holds so many, those first that expire first. @throws POINTS_TOO_FEW */
export async function hold(tx: Tx, { userId, orderId }: OfOrder, wanted: number, now: number): Promise<void> {
  if (wanted === 0) return;
  const lots = take(await open(tx, userId, now), wanted);
  book(tx, userId, { reason: "used", order_id: orderId }, going("held", lots), now);
  tx.add(...lots.map((lot) => points.insertHold.with({ order_id: orderId, returned: 0, ...lot })));
}

/** What an order holds is used up. */
export function redeem(tx: Tx, { userId, orderId }: OfOrder, held: number, now: number): void {
  if (held === 0) return;
  tx.lock(`points:${userId}`);
  const booking = { source: "held", target: "spent", amount: held, expires_at: null } as const;
  book(tx, userId, { reason: "redeemed", order_id: orderId }, [booking], now);
}

const leftOf = (rows: readonly { points: number; returned: number; expires_at: number }[]): Lot[] =>
  rows.map(({ expires_at, points: held, returned }) => ({ expires_at, points: held - returned }));

/** All that is left of what an order holds or has used up comes back. */
export async function release(
  tx: Tx,
  { userId, orderId }: OfOrder,
  source: "held" | "spent",
  now: number,
): Promise<void> {
  const lots = leftOf(await tx.all(points.listHolds, { order_id: orderId }));
  if (lots.length === 0) return;
  bring(tx, await open(tx, userId, now), source, revived(lots, now), { reason: "returned", order_id: orderId }, now);
  tx.add(points.removeHolds.with({ order_id: orderId }));
}

interface Part extends OfOrder {
  readonly points: number;
  /** A repeated call with it changes nothing. */
  readonly refundId: string;
}

/** Some of what an order has used up comes back, those first that expire last. */
export async function giveBack(tx: Tx, { userId, orderId, points: some, refundId }: Part, now: number): Promise<void> {
  const purse = await open(tx, userId, now);
  const cause = `refund:${refundId}`;
  if (await tx.one(points.findCause, { cause })) return;
  const lots = firstOf(leftOf(await tx.all(points.listHolds, { order_id: orderId })), some);
  bring(tx, purse, "spent", revived(lots, now), { reason: "returned", order_id: orderId, cause }, now);
  tx.add(...lots.map((lot) => points.markReturned.with({ order_id: orderId, ...lot })));
}

interface Earning {
  /** Basis points of what was paid. */
  readonly rate: number;
  /** Milliseconds. */
  readonly life: number;
}

/**
 * More or less was paid for goods of an order that have arrived, in minor units. What it has earned follows from the sum, so
 * that parts come to the same as the whole, in whatever order they are told. Points that were used meanwhile are owed.
 * @returns what that changed, unless it was nothing
 */
export async function earn(
  tx: Tx,
  { userId, orderId }: OfOrder,
  more: number,
  { rate, life }: Earning,
  now: number,
): Promise<{ readonly points: number; readonly balance: number } | null> {
  const purse = await open(tx, userId, now);
  const before = (await tx.one(points.findEarning, { order_id: orderId })) ?? { paid: 0, points: 0 };
  const paid = before.paid + more;
  const after = earnedFor(paid, rate);
  tx.add(points.setEarning.with({ order_id: orderId, user_id: userId, paid, points: after }));
  const change = after - before.points;
  if (change === 0) return null;
  const lot = { points: change, expires_at: expiryAfter(now, life) };
  if (change > 0) bring(tx, purse, "issued", [lot], { reason: "earned", order_id: orderId }, now);
  else book(tx, userId, { reason: "taken_back", order_id: orderId }, taking(purse.lots, -change), now);
  return { points: change, balance: (await look(tx, userId, now)).balance };
}
