/** The life of a reservation: stock is held for an order until it is committed, released, or expires. */
import { timestamp } from "#core/clock.ts";
import type { Database } from "#mixins/database/database.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { requestHash } from "#core/request-hash.ts";
import { product } from "./product.contract.ts";
import { comingBack, effects, type Line, mergeLines } from "./product.model.ts";
import { type Db, linesText, type ProductTables, type Tx } from "./product.tables.ts";
import * as reservations from "./reservation.repository.ts";
import * as stock from "./stock.repository.ts";

type Storage = Database<ProductTables>;

interface Request {
  readonly orderId: string;
  readonly items: readonly Line[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

class Known extends Error {}

/** A product of the lines is not on sale. */
class Missing extends Error {}

/** There is not enough stock for a line. */
class Lacking extends Error {
  readonly line: Line;
  constructor(line: Line) {
    super();
    this.line = line;
  }
}

/**
 * Holds stock for an order, all lines or none. A repeated call extends the time to the new `expiresAt`.
 * @param now milliseconds since the epoch
 * @throws OUT_OF_STOCK, NOT_FOUND, RESERVATION_RELEASED, RESERVATION_MISMATCH
 */
export async function reserve(db: Storage, request: Request, now: number): Promise<void> {
  const merged = { ...request, items: mergeLines(request.items) };
  try {
    await withStock(db, now, async (tx) => tx.add(...reserveNew(merged, now)));
  } catch (error) {
    if (error instanceof Missing) throw product.error("NOT_FOUND", await missingOf(db, merged.items));
    if (!(error instanceof Known)) throw error;
    await withStock(db, now, (tx) => renew(tx, merged, now));
  }
}

/** The product to name in the refusal. When all products are on sale again by now, it is the first one. */
async function missingOf(db: Db, items: readonly Line[]): Promise<{ productId: string }> {
  return (await db.one(reservations.findMissing, { lines: linesText(items) })) ?? { productId: items[0]!.productId };
}

/** Changes nothing when the order already has a reservation or something is lacking. */
function reserveNew({ orderId, items, expiresAt }: Request, now: number): readonly Write[] {
  const order_id = orderId;
  const row = { order_id, state: "held", request_hash: requestHash(items), expires_at: expiresAt } as const;
  const lines = reservations.insertItems.with({ order_id, lines: linesText(items) });
  return [
    required(reservations.insertReservation.with(row), () => new Known()),
    required(lines, () => new Missing(), items.length),
    ...move(orderId, items, "reserve", now),
  ];
}

async function renew(tx: Tx, { orderId, items: lines, expiresAt }: Request, now: number): Promise<void> {
  const request_hash = requestHash(lines);
  const held = { order_id: orderId, state: "held", expires_at: expiresAt } as const;
  const found = (await tx.one(reservations.lock, held))!;
  if (found.state === "released") throw product.error("RESERVATION_RELEASED");
  if (found.request_hash !== request_hash) throw product.error("RESERVATION_MISMATCH");
  if (found.state === "committed") return;
  if (found.state === "expired") tx.add(...move(orderId, lines, "reserve", now));
  tx.add(reservations.setState.with(held));
}

/**
 * Takes an order's held units out of stock. An expired reservation is renewed when there is enough stock.
 * @param now milliseconds since the epoch
 * @throws OUT_OF_STOCK, NOT_FOUND, RESERVATION_RELEASED
 */
export function commit(db: Storage, orderId: string, now: number): Promise<void> {
  return withStock(db, now, async (tx) => {
    const order = { order_id: orderId };
    const [held, { rows: lines }] = await tx.ask(
      reservations.commitHeld.with(order),
      reservations.listItems.with(order),
    );
    if (held.changed === 0) return commitOther(tx, orderId, now);
    tx.add(...move(orderId, lines, "commit", now));
  });
}

/** Commits an order whose stock was not held a moment ago: it had expired, or another request has just renewed it. */
async function commitOther(tx: Tx, orderId: string, now: number): Promise<void> {
  const order = { order_id: orderId };
  const found = await tx.one(reservations.lock, order);
  if (!found) throw product.error("NOT_FOUND");
  if (found.state === "released") throw product.error("RESERVATION_RELEASED");
  if (found.state === "committed") return;
  const lines = await tx.all(reservations.listItems, order);
  if (found.state === "expired") tx.add(...move(orderId, lines, "reserve", now));
  tx.add(reservations.setState.with({ ...order, state: "committed", expires_at: null }));
  tx.add(...move(orderId, lines, "commit", now));
}

/**
 * Releases an order's stock, even after a commit. An order without a reservation is marked, so that a request to
 * reserve that arrives late is refused.
 * @param now milliseconds since the epoch
 */
export async function release(tx: Tx, orderId: string, now: number): Promise<void> {
  const released = { order_id: orderId, state: "released", expires_at: null } as const;
  if (await tx.run(reservations.insertReservation, { ...released, request_hash: null })) return;
  const { state } = (await tx.one(reservations.lock, released))!;
  const kind = comingBack[state];
  tx.add(reservations.setState.with(released));
  if (kind) tx.add(...move(orderId, await tx.all(reservations.listItems, released), kind, now));
}

interface Release {
  readonly orderId: string;
  readonly releaseId: string;
  readonly items: readonly (Line & { readonly isScrap?: boolean })[];
  readonly reason: string;
}

/**
 * Takes some units of a committed order back into stock, once. Scrap comes back too, and is booked out again, so that the
 * ledger tells what became of it. When the order was released, all has come back already.
 * @param now milliseconds since the epoch
 */
export async function releaseItems(tx: Tx, { orderId, releaseId, items, reason }: Release, now: number): Promise<void> {
  if ((await tx.run(reservations.insertRelease, { id: releaseId, order_id: orderId })) === 0) return;
  const found = await tx.one(reservations.lock, { order_id: orderId });
  if (found?.state !== "committed") return;
  const lines = mergeLines(items);
  for (const line of lines) await takeOff(tx, orderId, line);
  const scrap = mergeLines(items.filter(({ isScrap }) => isScrap));
  tx.add(...move(orderId, lines, "return", now, reason));
  if (scrap.length > 0) tx.add(...move(orderId, scrap, "scrap", now, reason));
}

/** @throws Error when the order does not have so many units */
async function takeOff(tx: Tx, orderId: string, { productId, quantity }: Line): Promise<void> {
  const units = { order_id: orderId, product_id: productId, quantity };
  if ((await tx.run(reservations.removeItem, units)) + (await tx.run(reservations.takeOff, units)) === 0)
    throw new Error(`The order ${orderId} does not have ${quantity} of ${productId}.`);
}

/** Orders whose reservations are over at `now`, milliseconds since the epoch. */
export async function due(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db.all(reservations.overdue.list, { now, limit });
  return rows.map(({ order_id }) => order_id);
}

/**
 * Releases the stock of these orders, unless they were renewed or ended meanwhile. Each has a transaction of its own,
 * which locks products in the order of their ids, as everywhere.
 */
export async function expire(db: Storage, orderIds: readonly string[], now: number): Promise<void> {
  const expiring = orderIds.map((order_id) =>
    db.write(async (tx) => {
      const [{ changed }, { rows: lines }] = await tx.ask(
        reservations.expireDue.with({ order_id, now }),
        reservations.listItems.with({ order_id }),
      );
      if (changed > 0) tx.add(...move(order_id, lines, "expire", now));
    }),
  );
  await Promise.all(expiring);
}

/**
 * Runs a transaction that needs stock. Stock that others hold beyond their time is available to it, whether it was
 * swept or not.
 * @param now milliseconds since the epoch
 * @throws the error of `work`; OUT_OF_STOCK when something is lacking and none of it is overdue
 */
async function withStock<R>(db: Storage, now: number, work: (tx: Tx) => Promise<R>): Promise<R> {
  for (;;) {
    try {
      return await db.write(work);
    } catch (error) {
      if (!(error instanceof Lacking)) throw error;
      await makeRoom(db, error.line, now);
    }
  }
}

/** @throws OUT_OF_STOCK when no overdue reservation can be released */
async function makeRoom(db: Storage, { productId, quantity: requested }: Line, now: number): Promise<void> {
  const overdue = await db.all(reservations.listDueOf, { product_id: productId, now });
  const orderIds = overdue.map(({ order_id }) => order_id);
  await expire(db, orderIds, now);
  if (orderIds.length > 0) return;
  const { sellable } = await stock.find(db, productId);
  // Some stock may have come back meanwhile.
  if (sellable < requested) throw product.error("OUT_OF_STOCK", { productId, requested, sellable });
}

type Kind = keyof typeof effects;

/** Fails with Lacking when too little stock is left. What an order already holds is available to it. */
function move(
  orderId: string,
  lines: readonly Line[],
  way: Kind,
  now: number,
  reason: string | null = null,
): readonly Write[] {
  const kind = way === "scrap" ? "adjustment" : way;
  const effect = { orderId, kind, ...effects[way], reason, at: timestamp(now) } as const;
  return stock.move(lines, effect, (line) =>
    way === "reserve"
      ? new Lacking(line)
      : new Error(`The stock of ${line.productId} does not have what the order ${orderId} holds.`),
  );
}
