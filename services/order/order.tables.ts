/** The types of the order service's tables. */
import type { Language } from "#core/text.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import type { Order } from "./answer.contract.ts";
import type { CartItemRow, CartRow } from "./cart.projection.ts";
import type { FulfilmentTables } from "./fulfilment.tables.ts";
import type { DocumentKind } from "./invoice.model.ts";
import type { LineRow, OrderRow } from "./order.projection.ts";

export interface InvoiceRow {
  id: string;
  order_id: string;
  number: string;
  kind: DocumentKind;
  /** The invoice that a credit note belongs to, and the refund of the payment service that it is for. */
  corrects: string | null;
  refund_id: string | null;
  /** Minor units of the order's currency. */
  total: number;
  tax: number;
  /** JSON: what it says by line, and by rate of tax. */
  lines: string;
  taxes: string;
  /** JSON; null once its customer's personal data is erased. */
  billing: string | null;
  seller: string | null;
  issued_at: string;
}

export interface GuestRow {
  order_id: string;
  /** Whom the order belongs to as long as nobody has claimed it. */
  guest_id: string;
  /** In the one spelling of its mailbox. */
  email: string;
  language: Language;
  /** Milliseconds since the epoch. */
  created_at: number;
}

export interface OrderTables extends FulfilmentTables {
  orders: OrderRow;
  order_items: LineRow;
  guest_orders: GuestRow;
  order_invoices: InvoiceRow;
  order_notes: { id: string; order_id: string; at: string; step: string; state: string; detail: string | null };
  carts: CartRow;
  cart_items: CartItemRow;
  order_numbers: { year: number; next: number };
  staff_notes: { id: string; order_id: string; author_id: string; text: string; created_at: string };
  quotes: {
    id: string;
    user_id: string;
    items: string;
    /** Null for one of the release before, as what it was charged is. */
    country: string | null;
    charges: string | null;
    /** JSON: the codes of its coupons; null without any. */
    benefits: string | null;
    expires_at: number;
  };
  /** `home_rate` is the products' own rate for which it is; -1 for all others. */
  tax_rates: { country: string; home_rate: number; rate: number; included: number };
  /** `country` is empty for those that have no rule of their own; `steps` are JSON. */
  shipping_rules: { currency: Order["total"]["currency"]; country: string; name: string; steps: string };
}

/** The person whose orders are visible; null for everybody's. */
export type Owner = string | null;

export type Db = Executor<OrderTables>;
export type Tx = Transaction<OrderTables>;
