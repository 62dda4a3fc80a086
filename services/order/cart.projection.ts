/** A cart as its holder sees it: its lines with what the products cost now. */
import { timestamp } from "#core/clock.ts";
import type { Output } from "#core/contract.ts";
import type { Money } from "#core/schema.ts";
import type { Cart, CartLine } from "./cart.contract.ts";
import { KEEP } from "./cart.model.ts";

export interface CartRow {
  id: string;
  /** One of these is null. */
  user_id: string | null;
  token_hash: string | null;
  /** Null for an empty cart. */
  currency: Money["currency"] | null;
  /** Milliseconds since the epoch, like the next. */
  changed_at: number;
  /** When its customer was found to have left it; null until then, and again when the cart is empty. */
  abandoned_at: number | null;
  version: number;
}

export interface CartItemRow {
  cart_id: string;
  product_id: string;
  /** 0 for a line that was removed, which is remembered for a while, so that who has not seen it cannot set it. */
  quantity: number;
  /** Minor units in the cart's currency, when the line was changed last. */
  unit_price: number;
  /** The version of the cart with which the line came, and with which it was changed last. */
  added: number;
  version: number;
}

type Product = Output<"product.lookup">["items"][number];

function toLine({ product_id: productId, quantity, unit_price }: CartItemRow, product: Product | undefined): CartLine {
  const line = { productId, quantity };
  if (!product) return { ...line, state: "gone", name: null, unitPrice: null, lineTotal: null, formerPrice: null };
  const { name, price, sku, optionValues } = product;
  const isSame = price.amount === unit_price;
  return {
    ...line,
    state: isSame ? "available" : "changed",
    name,
    unitPrice: price,
    lineTotal: { ...price, amount: price.amount * quantity },
    formerPrice: isSame ? null : { ...price, amount: unit_price },
    ...(sku !== undefined && { sku }),
    ...(optionValues && { optionValues }),
  };
}

export const noCart: Cart = { items: [], subtotal: null, expiresAt: null, version: 0 };

export function toCart(row: CartRow, lines: readonly CartItemRow[], products: readonly Product[]): Cart {
  const byId = new Map(products.map((product) => [product.id, product]));
  const items = lines.map((line) => toLine(line, byId.get(line.product_id)));
  const amount = items.reduce((sum, { lineTotal }) => sum + (lineTotal?.amount ?? 0), 0);
  return {
    items,
    subtotal: row.currency && { amount, currency: row.currency },
    expiresAt: timestamp(row.changed_at + KEEP),
    version: row.version,
  };
}
