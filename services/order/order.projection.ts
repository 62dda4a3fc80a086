/** The order as clients see it, and the answer that its request gets when the saga has ended. */
import type { Reason } from "#mixins/saga/saga.mixin.ts";
import { order as contract, type Order, type Status } from "./order.contract.ts";

/** Amounts are minor units of `currency`. */
export interface OrderRow {
  id: string;
  user_id: string;
  status: Status;
  total: number;
  currency: Order["total"]["currency"];
  payment_id: string | null;
  reason: string | null;
  shipping_address: string;
  created_at: string;
  status_at: string;
  /** 1 when its person has left and what was personal is gone. */
  erased: number;
  version: number;
}

export interface ItemRow {
  order_id: string;
  position: number;
  product_id: string;
  name: string;
  quantity: number;
  unit_price: number;
  line_total: number;
  tax: number;
}

export function toOrder(row: OrderRow, items: readonly ItemRow[]): Order {
  const money = (amount: number) => ({ amount, currency: row.currency });
  return {
    id: row.id,
    status: row.status,
    items: items.map(({ product_id, name, quantity, unit_price, line_total, tax }) => ({
      productId: product_id,
      name,
      quantity,
      unitPrice: money(unit_price),
      lineTotal: money(line_total),
      tax: money(tax),
    })),
    total: money(row.total),
    paymentId: row.payment_id,
    reason: row.reason,
    shippingAddress: JSON.parse(row.shipping_address) as Order["shippingAddress"],
    createdAt: row.created_at,
    version: row.version,
  };
}

/** What is stored under the request's idempotency key. */
export type Answer = { readonly order: Order } | { readonly refused: RefusalCode; readonly data?: object };

type RefusalCode = Parameters<typeof contract.error>[0];

export const confirmed = (order: Order, paymentId: string | null): Answer => ({
  order: { ...order, status: "confirmed", paymentId, version: order.version + 1 },
});

/** What other services refuse with, in the words of an order. */
const refusals: Readonly<Record<string, RefusalCode>> = {
  PRODUCT_OUT_OF_STOCK: "OUT_OF_STOCK",
  PRODUCT_NOT_FOUND: "PRODUCT_UNAVAILABLE",
  PAYMENT_DECLINED: "PAYMENT_DECLINED",
  PAYMENT_METHOD_NOT_FOUND: "PAYMENT_METHOD_INVALID",
  PAYMENT_METHOD_INVALID: "PAYMENT_METHOD_INVALID",
  EXPIRED: "EXPIRED",
  ORDER_CANCELLED: "CANCELLED",
  ORDER_CANCELLED_BY_SHOP: "CANCELLED",
};

export const refusedFor = ({ code, data }: Reason): Answer => {
  const refused = refusals[code] ?? "FAILED";
  return data && refused !== "FAILED" ? { refused, data } : { refused };
};

/** @throws the refusal that the answer is */
export function orderIn(answer: Answer): Order {
  if ("order" in answer) return answer.order;
  throw contract.error(answer.refused, answer.data);
}
