/** The changes of a cart. Each has the cart's row, so nobody else changes the cart between what it reads and writes. */
import type { Output } from "#core/contract.ts";
import { sharedError } from "#core/errors.ts";
import { MAX_QUANTITY } from "./basket.contract.ts";
import { type Holder, isStale, MOST_LINES, merged, type Units } from "./cart.model.ts";
import type { CartItemRow, CartRow } from "./cart.projection.ts";
import * as carts from "./cart.repository.ts";
import * as lines from "./line.repository.ts";
import { order as contract } from "./order.contract.ts";
import type { Tx } from "./order.repository.ts";

type Product = Output<"product.lookup">["items"][number];

/** @throws MIXED_CURRENCIES, CART_FULL, VALIDATION_FAILED for more units than one order may have */
async function put(tx: Tx, cart: CartRow, product: Product, quantity: number, line?: CartItemRow): Promise<void> {
  const { amount, currency } = product.price;
  if (cart.currency !== null && cart.currency !== currency) throw contract.error("MIXED_CURRENCIES");
  if (quantity > MAX_QUANTITY) {
    const detail = {
      en: `must leave ${MAX_QUANTITY} or less in the cart`,
      ko: `한 상품은 ${MAX_QUANTITY}개까지 담을 수 있습니다`,
    };
    throw sharedError("VALIDATION_FAILED", { errors: [{ pointer: "/quantity", detail }] });
  }
  const isNew = !line || line.quantity === 0;
  if (isNew && (await lines.list(tx, cart)).length >= MOST_LINES)
    throw contract.error("CART_FULL", { most: MOST_LINES });
  const { id: cart_id, version } = cart;
  const added = isNew ? version : line.added;
  tx.add(lines.put({ cart_id, product_id: product.id, quantity, unit_price: amount, added, version }));
  if (cart.currency === null) tx.add(carts.priceIn(cart, currency));
}

/** The cart with a new version, without what is remembered too long. */
async function touched(tx: Tx, holder: Holder): Promise<CartRow> {
  const cart = await carts.touch(tx, holder);
  tx.add(lines.forgetRemoved(cart));
  return cart;
}

/** Adds units to those that are there: two that add at once both do. */
export async function add(tx: Tx, holder: Holder, product: Product, quantity: number): Promise<void> {
  const cart = await touched(tx, holder);
  const line = await lines.find(tx, cart, product.id);
  await put(tx, cart, product, (line?.quantity ?? 0) + quantity, line);
}

/** @param seen the version that was seen, if any: the line must not have changed since. @throws STALE_VERSION */
async function seenLine(tx: Tx, cart: CartRow, productId: string, seen: number | undefined) {
  const line = await lines.find(tx, cart, productId);
  if (seen !== undefined && isStale(seen, cart.version - 1, line?.version ?? 0)) throw sharedError("STALE_VERSION");
  return line;
}

/** @throws STALE_VERSION, and the errors of `put` */
export async function set(tx: Tx, holder: Holder, product: Product, quantity: number, seen?: number): Promise<void> {
  const cart = await touched(tx, holder);
  await put(tx, cart, product, quantity, await seenLine(tx, cart, product.id, seen));
}

/** What is not there is taken out, so that asking twice is asking once. @throws STALE_VERSION */
export async function remove(tx: Tx, holder: Holder, productId: string, seen?: number): Promise<void> {
  const cart = await touched(tx, holder);
  const line = await seenLine(tx, cart, productId, seen);
  if (!line || line.quantity === 0) return;
  tx.add(lines.put({ ...line, quantity: 0, version: cart.version }), carts.noteIfEmpty(cart));
}

export async function clear(tx: Tx, holder: Holder): Promise<void> {
  const cart = await touched(tx, holder);
  tx.add(lines.clear(cart), carts.noteIfEmpty(cart));
}

/** Moves the lines of a guest's cart into a customer's. @returns what did not fit. @throws NOT_FOUND */
export async function merge(tx: Tx, customer: Holder, guest: Holder): Promise<Units[]> {
  const theirs = await carts.touch(tx, guest);
  const mine = await touched(tx, customer);
  const given = await lines.list(tx, theirs);
  const own = await lines.list(tx, mine);
  const isForeign = mine.currency !== null && theirs.currency !== null && mine.currency !== theirs.currency;
  const { put: fitting, cut } = isForeign
    ? { put: [], cut: given.map(lines.unitsOf) }
    : merged(own.map(lines.unitsOf), given.map(lines.unitsOf));
  const [ownById, givenById] = [own, given].map((rows) => new Map(rows.map((row) => [row.product_id, row])));
  for (const { productId, quantity } of fitting) {
    const [line, { unit_price }] = [ownById!.get(productId), givenById!.get(productId)!];
    const { id: cart_id, version } = mine;
    const row = { cart_id, product_id: productId, unit_price, version };
    tx.add(lines.put({ ...row, quantity: (line?.quantity ?? 0) + quantity, added: line?.added ?? version }));
  }
  if (mine.currency === null && fitting.length > 0) tx.add(carts.priceIn(mine, theirs.currency));
  tx.add(carts.remove(theirs));
  return [...cut];
}
