/** The tables of the product service, as types. */
import type { Generated } from "kysely";
import type { Money } from "#core/schema.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { rowsText } from "#mixins/database/rows.ts";
import { statements } from "#mixins/database/statement.ts";
import type { IdempotencyTable } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Line, MovementKind, ReservationState } from "./product.model.ts";

interface Tables {
  categories: { id: string; key: string | null; name: string; parent_id: string | null; version: number };
  products: {
    id: string;
    /** Names a seeded product, so that it is added once. */
    key: string | null;
    name: string;
    description: string;
    /** Folded, of name and description. */
    search_text: string;
    /** What the order of names goes by. */
    name_key: string;
    category_id: string | null;
    currency: Money["currency"];
    tax_rate: number;
    created_at: string;
    archived_at: string | null;
    version: number;
  };
  /** One row for each stretch of time, in milliseconds since the epoch; the last one has no end. */
  prices: { product_id: string; starts_at: number; ends_at: number | null; amount: number; set_at: string };
  /** Apart from the products: it changes with every order, so it is kept small. */
  stock_levels: { product_id: string; on_hand: number; held: number };
  /** Append-only: a product's changes add up to its stock level. */
  movements: {
    seq: Generated<number>;
    product_id: string;
    kind: MovementKind;
    on_hand_change: number;
    held_change: number;
    order_id: string | null;
    reason: string | null;
    at: string;
  };
  reservations: {
    order_id: string;
    state: ReservationState;
    /** null when the order was released before it reserved. */
    request_hash: string | null;
    /** Milliseconds since the epoch, while held. */
    expires_at: number | null;
  };
  reservation_items: { order_id: string; product_id: string; quantity: number };
}
export type ProductTables = Tables & IdempotencyTable;
export type Db = Executor<ProductTables>;
export type Tx = Transaction<ProductTables>;
export const sql = statements<ProductTables>();

/** The lines of an order as the rows of one parameter. */
export const linesText = (lines: readonly Line[]): string =>
  rowsText(lines.map(({ productId, quantity }) => [productId, quantity]));
