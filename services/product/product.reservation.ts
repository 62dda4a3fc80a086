/** The life of a reservation: stock is held for an order until it is committed, released, or its time is over. */
import { timestamp } from "#core/clock.ts";
import { isError } from "#core/errors.ts";
import type { Database } from "#mixins/database/database.ts";
import { changed, together } from "#mixins/database/together.ts";
import { requestHash } from "#mixins/idempotency.mixin.ts";
import { product } from "./product.contract.ts";
import { comingBack, effects, type Line, mergeLines } from "./product.model.ts";
import type { Db, ProductTables, Tx } from "./product.tables.ts";
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

/**
 * Holds stock for an order, all lines or none. Asked again it holds it until the new `expiresAt`.
 * @param now milliseconds since the epoch
 * @throws OUT_OF_STOCK, NOT_FOUND, RESERVATION_RELEASED, RESERVATION_MISMATCH
 */
export async function reserve(db: Storage, request: Request, now: number): Promise<void> {
  const merged = { ...request, items: mergeLines(request.items) };
  try {
    await withStock(db, now, (tx) => reserveNew(tx, merged, now));
  } catch (error) {
    if (!(error instanceof Known)) throw error;
    await withStock(db, now, (tx) => renew(tx, merged, now));
  }
}

/** All of it is sent together: when the order has a reservation already, the rest is undone. */
async function reserveNew(tx: Tx, { orderId, items, expiresAt }: Request, now: number): Promise<void> {
  const request_hash = requestHash(items);
  const row = { order_id: orderId, state: "held", request_hash, expires_at: expiresAt } as const;
  await together(
    changed(tx.run(reservations.insertReservation, row), () => new Known()),
    insertItems(tx, orderId, items),
    hold(tx, orderId, items, now),
  );
}

async function renew(tx: Tx, { orderId, items: lines, expiresAt }: Request, now: number): Promise<void> {
  const request_hash = requestHash(lines);
  const held = { order_id: orderId, state: "held", expires_at: expiresAt } as const;
  const found = (await tx.one(reservations.lock, held))!;
  if (found.state === "released") throw product.error("RESERVATION_RELEASED");
  if (found.request_hash !== request_hash) throw product.error("RESERVATION_MISMATCH");
  if (found.state === "committed") return;
  if (found.state === "expired") await hold(tx, orderId, lines, now);
  await tx.run(reservations.setState, held);
}

/**
 * Takes what was held out of stock. What had expired is taken anew when there is enough.
 * @param now milliseconds since the epoch
 * @throws OUT_OF_STOCK, NOT_FOUND, RESERVATION_RELEASED
 */
export function commit(db: Storage, orderId: string, now: number): Promise<void> {
  return withStock(db, now, async (tx) => {
    const order = { order_id: orderId };
    const [held, lines] = await together(tx.run(reservations.commitHeld, order), tx.all(reservations.listItems, order));
    if (held) await moveItems(tx, orderId, lines, "commit", now);
    else await commitOther(tx, orderId, now);
  });
}

/** Commits what was not held a moment ago: expired, or renewed just now by somebody else. */
async function commitOther(tx: Tx, orderId: string, now: number): Promise<void> {
  const order = { order_id: orderId };
  const found = await tx.one(reservations.lock, order);
  if (!found) throw product.error("NOT_FOUND");
  if (found.state === "released") throw product.error("RESERVATION_RELEASED");
  if (found.state === "committed") return;
  const lines = await tx.all(reservations.listItems, order);
  if (found.state === "expired") await hold(tx, orderId, lines, now);
  await tx.run(reservations.setState, { ...order, state: "committed", expires_at: null });
  await moveItems(tx, orderId, lines, "commit", now);
}

/**
 * Gives an order's stock back, also when it was committed. An order that has reserved nothing is marked, so that a
 * request to reserve that arrives late is refused.
 * @param now milliseconds since the epoch
 */
export async function release(tx: Tx, orderId: string, now: number): Promise<void> {
  const released = { order_id: orderId, state: "released", expires_at: null } as const;
  if (await tx.run(reservations.insertReservation, { ...released, request_hash: null })) return;
  const { state } = (await tx.one(reservations.lock, released))!;
  const kind = comingBack[state];
  await tx.run(reservations.setState, released);
  if (kind) await moveItems(tx, orderId, await tx.all(reservations.listItems, released), kind, now);
}

/** Orders whose reservations are over at `now`, milliseconds since the epoch. */
export async function due(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db.all(reservations.listDue, { now, limit });
  return rows.map(({ order_id }) => order_id);
}

/**
 * Gives the stock of these orders back, unless they were renewed or ended in the meantime. Each in a unit of work of its
 * own, which takes products in the order of their ids like all others.
 */
export async function expire(db: Storage, orderIds: readonly string[], now: number): Promise<void> {
  const expiring = orderIds.map((order_id) =>
    db.write(async (tx) => {
      const [isDue, lines] = await together(
        tx.run(reservations.expireDue, { order_id, now }),
        tx.all(reservations.listItems, { order_id }),
      );
      if (isDue) await moveItems(tx, order_id, lines, "expire", now);
    }),
  );
  await Promise.all(expiring);
}

/**
 * One unit of work that needs stock. What others hold beyond their time is free for it, whether it was swept or not.
 * @param now milliseconds since the epoch
 * @throws what `work` throws; OUT_OF_STOCK only when nothing is overdue
 */
async function withStock<R>(db: Storage, now: number, work: (tx: Tx) => Promise<R>): Promise<R> {
  for (;;) {
    try {
      return await db.write(work);
    } catch (error) {
      if (!isError(error, "PRODUCT_OUT_OF_STOCK")) throw error;
      const { productId } = (error as { data: { productId: string } }).data;
      const overdue = await db.all(reservations.listDueOf, { product_id: productId, now });
      if (overdue.length === 0) throw error;
      await expire(
        db,
        overdue.map(({ order_id }) => order_id),
        now,
      );
    }
  }
}

async function insertItems(tx: Tx, order_id: string, lines: readonly Line[]): Promise<void> {
  const rows = lines.map(({ productId, quantity }) => ({ order_id, product_id: productId, quantity }));
  const inserted = await Promise.all(rows.map((row) => tx.run(reservations.insertItem, row)));
  const unknown = lines[inserted.indexOf(0)];
  if (unknown) throw product.error("NOT_FOUND", { productId: unknown.productId });
}

/** @throws OUT_OF_STOCK */
async function hold(tx: Tx, orderId: string, lines: readonly Line[], now: number): Promise<void> {
  const lacking = await moveLines(tx, orderId, lines, "reserve", now);
  if (!lacking) return;
  const { productId, held: requested } = lacking;
  const { sellable } = await stock.find(tx, productId);
  throw product.error("OUT_OF_STOCK", { productId, requested, sellable });
}

type Kind = keyof typeof effects;

async function moveItems(tx: Tx, orderId: string, lines: readonly Line[], kind: Kind, now: number): Promise<void> {
  const lacking = await moveLines(tx, orderId, lines, kind, now);
  if (lacking) throw new Error(`The stock of ${lacking.productId} does not have what the order ${orderId} holds.`);
}

/** Answers the first movement that there is not enough for. */
function moveLines(tx: Tx, orderId: string, lines: readonly Line[], kind: Kind, now: number) {
  const { onHand, held } = effects[kind];
  const at = timestamp(now);
  const movements = lines.map(({ productId, quantity }) => ({
    productId,
    kind,
    onHand: onHand * quantity,
    held: held * quantity,
    orderId,
    at,
  }));
  return stock.move(tx, movements);
}
