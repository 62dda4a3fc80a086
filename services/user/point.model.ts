/** The rules of points: from which lots they are taken, to which they come back, and what is owed. */
import { DAY, timestamp } from "#core/clock.ts";
import type { Points, PointsEntry } from "./point.contract.ts";

/** A person's own points, those that an order holds, those that they owe; and where points come from and go to. */
export type Account = "person" | "held" | "owed" | "issued" | "spent" | "expired";

export interface AccountRow {
  user_id: string;
  balance: number;
  held: number;
  owed: number;
}

/** Points that expire together. */
export interface Lot {
  /** Milliseconds since the epoch. */
  readonly expires_at: number;
  readonly points: number;
}

export interface TransactionRow {
  id: string;
  user_id: string;
  reason: PointsEntry["reason"];
  order_id: string | null;
  cause: string | null;
  /** What the person has more or less of. */
  points: number;
  note: string | null;
  staff_id: string | null;
  created_at: string;
}

export interface BookingRow {
  transaction_id: string;
  position: number;
  source: Account;
  target: Account;
  amount: number;
  expires_at: number | null;
}
export type Booking = Omit<BookingRow, "transaction_id" | "position">;

export interface PointHoldRow {
  order_id: string;
  expires_at: number;
  points: number;
  /** Given back since they were redeemed. */
  returned: number;
}

export interface PointTables {
  point_accounts: AccountRow;
  /** `tell_at` is null when the person was told that it is going to expire, or is not meant to be. */
  point_lots: { user_id: string; expires_at: number; points: number; tell_at: number | null };
  point_transactions: TransactionRow;
  point_bookings: BookingRow;
  point_holds: PointHoldRow;
  point_earnings: { order_id: string; user_id: string; paid: number; points: number };
}

export const sum = (lots: readonly { readonly points: number }[]): number =>
  lots.reduce((all, { points }) => all + points, 0);

/** The end of the day (UTC) in which a life of so many milliseconds ends. */
export const expiryAfter = (now: number, life: number): number => Math.ceil((now + life) / DAY) * DAY;

/** Milliseconds before they expire, at which somebody is told. */
const NOTICE = 30 * DAY;

/** Null for points that do not last that long. */
export const tellAt = (expiresAt: number, now: number): number | null =>
  expiresAt - NOTICE > now ? expiresAt - NOTICE : null;

/** Rounded down. @param rate basis points */
export const earnedFor = (paid: number, rate: number): number =>
  paid <= 0 ? 0 : Number((BigInt(paid) * BigInt(rate)) / 10_000n);

/** Milliseconds for which points can be used that come back after they would have expired. */
const GRACE = 30 * DAY;

/** The lots as they come back: what has expired meanwhile can be used for a while. */
export const revived = (lots: readonly Lot[], now: number): Lot[] =>
  lots.map((lot) => (lot.expires_at > now ? lot : { ...lot, expires_at: expiryAfter(now, GRACE) }));

/** The first `points` of the lots, in their order; fewer when there are fewer. */
export function firstOf(lots: readonly Lot[], points: number): Lot[] {
  let left = points;
  return lots.flatMap((lot) => {
    const taken = Math.min(left, lot.points);
    left -= taken;
    return taken > 0 ? [{ ...lot, points: taken }] : [];
  });
}

/** The lots without their first `points`. */
const withoutFirst = (lots: readonly Lot[], points: number): Lot[] =>
  lots.flatMap((lot, at) => {
    const before = sum(lots.slice(0, at));
    const rest = lot.points - Math.min(lot.points, Math.max(0, points - before));
    return rest > 0 ? [{ ...lot, points: rest }] : [];
  });

/** Points come to a person. What they owe is paid first. */
export function coming(source: Account, lots: readonly Lot[], owed: number): Booking[] {
  const paid = Math.min(owed, sum(lots));
  return [
    ...(paid > 0 ? [{ source, target: "owed" as const, amount: paid, expires_at: null }] : []),
    ...withoutFirst(lots, paid).map(({ expires_at, points }) => ({
      source,
      target: "person" as const,
      amount: points,
      expires_at,
    })),
  ];
}

/** Points of these lots leave a person. */
export const going = (target: Account, lots: readonly Lot[]): Booking[] =>
  lots.map(({ expires_at, points }) => ({ source: "person", target, amount: points, expires_at }));

/** Points that must be taken leave a person; those that are not there are owed. */
export function taking(lots: readonly Lot[], points: number): Booking[] {
  const taken = firstOf(lots, points);
  const missing = points - sum(taken);
  return [
    ...going("issued", taken),
    ...(missing > 0 ? [{ source: "owed" as const, target: "issued" as const, amount: missing, expires_at: null }] : []),
  ];
}

/** How bookings change the sum of an account. */
const changeOf = (bookings: readonly Booking[], account: Account): number =>
  bookings.reduce(
    (change, { source, target, amount }) =>
      change + (target === account ? amount : 0) - (source === account ? amount : 0),
    0,
  );

/** What bookings change of a person's account, and by lot. */
export function effectOf(bookings: readonly Booking[]) {
  const change = {
    balance: changeOf(bookings, "person"),
    held: changeOf(bookings, "held"),
    owed: -changeOf(bookings, "owed"),
  };
  const byLot = Map.groupBy(
    bookings.filter(({ expires_at }) => expires_at !== null),
    ({ expires_at }) => expires_at!,
  );
  const lots = [...byLot].map(([expires_at, some]) => ({ expires_at, points: changeOf(some, "person") }));
  return { change, points: change.balance - change.owed, lots: lots.filter(({ points }) => points !== 0) };
}

export const toPoints = ({ balance, held, owed }: Omit<AccountRow, "user_id">, lots: readonly Lot[]): Points => ({
  balance,
  held,
  owed,
  expiring: lots.slice(0, 12).map(({ points, expires_at }) => ({ points, expiresAt: timestamp(expires_at) })),
});

export const toEntry = ({ id, reason, points, order_id, note, created_at }: TransactionRow): PointsEntry => ({
  id,
  reason,
  points,
  ...(order_id !== null && { orderId: order_id }),
  ...(note !== null && { note }),
  createdAt: created_at,
});
