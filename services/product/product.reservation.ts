/** The life of a reservation: stock is held for an order until it is committed, released, or its time is over. */
import { timestamp } from "#core/clock.ts";
import { requestHash } from "#mixins/idempotency.mixin.ts";
import { product } from "./product.contract.ts";
import { comingBack, effects, type Line, mergeLines } from "./product.model.ts";
import type { Db, Tx } from "./product.tables.ts";
import * as reservations from "./reservation.repository.ts";
import * as stock from "./stock.repository.ts";

interface Request {
  readonly orderId: string;
  readonly items: readonly Line[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Holds stock for an order, all lines or none. Asked again it holds it until the new `expiresAt`.
 * @param now milliseconds since the epoch
 * @throws OUT_OF_STOCK, NOT_FOUND, RESERVATION_RELEASED, RESERVATION_MISMATCH
 */
export async function reserve(tx: Tx, { orderId, items, expiresAt }: Request, now: number): Promise<void> {
  const lines = mergeLines(items);
  const request_hash = requestHash(lines);
  const held = { order_id: orderId, state: "held", expires_at: expiresAt } as const;
  if (await tx.run(reservations.insertReservation, { ...held, request_hash })) {
    await insertItems(tx, orderId, lines);
    await hold(tx, orderId, lines, now);
    return;
  }
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
export async function commit(tx: Tx, orderId: string, now: number): Promise<void> {
  const held = await tx.run(reservations.commitHeld, { order_id: orderId });
  if (held || (await holdExpired(tx, orderId, now))) await moveItems(tx, orderId, "commit", now);
}

/** Answers false when the order is committed already. */
async function holdExpired(tx: Tx, orderId: string, now: number): Promise<boolean> {
  const order = { order_id: orderId };
  const found = await tx.one(reservations.lock, order);
  if (!found) throw product.error("NOT_FOUND");
  if (found.state === "released") throw product.error("RESERVATION_RELEASED");
  if (found.state === "committed") return false;
  await hold(tx, orderId, await tx.all(reservations.listItems, order), now);
  await tx.run(reservations.setState, { ...order, state: "committed", expires_at: null });
  return true;
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
  if (kind) await moveItems(tx, orderId, kind, now);
}

/** Orders whose reservations are over at `now`, milliseconds since the epoch. */
export async function due(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db.all(reservations.listDue, { now, limit });
  return rows.map(({ order_id }) => order_id);
}

/** Gives the stock of these orders back, unless they were renewed or ended in the meantime. */
export async function expire(tx: Tx, orderIds: readonly string[], now: number): Promise<void> {
  for (const order_id of orderIds) {
    if (await tx.run(reservations.expireDue, { order_id, now })) await moveItems(tx, order_id, "expire", now);
  }
}

async function insertItems(tx: Tx, order_id: string, lines: readonly Line[]): Promise<void> {
  for (const { productId, quantity } of lines) {
    const inserted = await tx.run(reservations.insertItem, { order_id, product_id: productId, quantity });
    if (!inserted) throw product.error("NOT_FOUND", { productId });
  }
}

/** What others hold beyond their time is free for who needs it, whether it was swept or not. */
async function hold(tx: Tx, orderId: string, lines: readonly Line[], now: number): Promise<void> {
  for (const line of lines) {
    if (await moveLine(tx, orderId, line, "reserve", now)) continue;
    const over = await tx.all(reservations.listDueOf, { product_id: line.productId, now });
    await expire(
      tx,
      over.map(({ order_id }) => order_id),
      now,
    );
    if (await moveLine(tx, orderId, line, "reserve", now)) continue;
    const { productId, quantity: requested } = line;
    const { sellable } = await stock.find(tx, productId);
    throw product.error("OUT_OF_STOCK", { productId, requested, sellable });
  }
}

type Kind = keyof typeof effects;

async function moveItems(tx: Tx, orderId: string, kind: Kind, now: number): Promise<void> {
  for (const line of await tx.all(reservations.listItems, { order_id: orderId })) {
    const moved = await moveLine(tx, orderId, line, kind, now);
    if (!moved) throw new Error(`The stock of ${line.productId} does not have what the order ${orderId} holds.`);
  }
}

/** Answers false when there is not enough. */
function moveLine(tx: Tx, orderId: string, { productId, quantity }: Line, kind: Kind, now: number): Promise<boolean> {
  const { onHand, held } = effects[kind];
  const change = { onHand: onHand * quantity, held: held * quantity };
  return stock.move(tx, { productId, kind, ...change, orderId, at: timestamp(now) });
}
