/** Orders in the form that clients see, and the answer to their request after the saga has ended. */
import type { Reason } from "#mixins/saga/saga.mixin.ts";
import type { Charges, Order, Shipment, Status } from "./answer.contract.ts";
import type { AppliedCoupon } from "./benefit.contract.ts";
import type { Counts } from "./fulfilment.model.ts";
import { order as contract } from "./order.contract.ts";

/** Amounts are minor units of `currency`. */
export interface OrderRow {
  id: string;
  /** Null until an order of the release before has got one. */
  number: string | null;
  user_id: string;
  status: Status;
  total: number;
  /** These are null for an order of the release before, which had no fee and no tax that is added. */
  subtotal: number | null;
  shipping: number | null;
  tax: number | null;
  added_tax: number | null;
  /** What coupons took off the prices: the subtotal is what is left. These are null without coupons and points. */
  discount: number | null;
  points: number | null;
  payable: number | null;
  /** Authorized, and neither captured nor given up. Null for an order whose money is captured when it is placed. */
  uncaptured: number | null;
  /** JSON. */
  coupons: string | null;
  /** JSON. */
  taxes: string | null;
  shipping_rule: string | null;
  currency: Order["total"]["currency"];
  payment_id: string | null;
  reason: string | null;
  shipping_address: string;
  /** What the customer wrote when they placed it. */
  note: string | null;
  created_at: string;
  status_at: string;
  /** The key of the request that placed it, kept for a day. */
  idempotency_key: string | null;
  /** The hash by which a repeated request is recognised. */
  request_hash: string | null;
  /** The answer to that request as JSON: a refusal, or `{}` for the confirmed order. Null while the saga runs. */
  answer: string | null;
  /** 1 when its customer's account was deleted and the personal data is erased. */
  erased: number;
  /** 1 from the request to cancel it until it is cancelled: nothing of it is packed or sent any more. */
  closing: number;
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
  discount: number | null;
  tax: number;
  tax_rate: number | null;
  tax_included: number | null;
  sku: string | null;
  /** Of a variant, as JSON. */
  option_values: string | null;
  /** Of a film: how it is sold, as JSON. */
  title: string | null;
}

type OptionValues = NonNullable<Order["items"][number]["optionValues"]>;
type SoldTitle = NonNullable<Order["items"][number]["title"]>;
/** A line, and what has become of its units. */
export type LineRow = ItemRow & Counts;

function chargesIn(row: OrderRow, items: readonly ItemRow[]): Charges {
  const money = (amount: number) => ({ amount, currency: row.currency });
  const { subtotal = row.total, shipping = 0, tax = items.reduce((sum, item) => sum + item.tax, 0) } = known(row);
  const { discount, coupons } = row;
  return {
    subtotal: money(subtotal + (discount ?? 0)),
    ...(discount !== null && discount > 0 && { discount: money(discount) }),
    shipping: money(shipping),
    tax: money(tax),
    taxes: row.taxes === null ? [] : (JSON.parse(row.taxes) as Charges["taxes"]),
    ...(row.shipping_rule !== null && { shippingRule: row.shipping_rule }),
    total: money(row.total),
    ...(coupons !== null && { coupons: JSON.parse(coupons) as AppliedCoupon[] }),
    ...(row.points !== null && { points: row.points, payable: money(row.payable ?? row.total) }),
  };
}

const known = ({ subtotal, shipping, tax }: OrderRow) =>
  subtotal === null || shipping === null || tax === null ? {} : { subtotal, shipping, tax };

const shown = ["shipped", "delivered", "lost", "cancelled", "returned"] as const;
/** Most lines have none of these, and an order may have a thousand. */
const countsIn = (line: Counts) =>
  Object.fromEntries(shown.flatMap((count) => (line[count] > 0 ? [[count, line[count]]] : [])));

export function toOrder(row: OrderRow, items: readonly LineRow[], shipments: readonly Shipment[] = []): Order {
  const money = (amount: number) => ({ amount, currency: row.currency });
  return {
    id: row.id,
    ...(row.number !== null && { number: row.number }),
    status: row.status,
    items: items.map(({ product_id, name, quantity, discount, tax_rate, sku, option_values, title, ...item }) => ({
      productId: product_id,
      name,
      quantity,
      unitPrice: money(item.unit_price),
      lineTotal: money(item.line_total),
      ...(discount !== null && { discount: money(discount) }),
      tax: money(item.tax),
      ...(tax_rate !== null && { taxRate: tax_rate, taxIncluded: item.tax_included === 1 }),
      ...(sku !== null && { sku }),
      ...(option_values !== null && { optionValues: JSON.parse(option_values) as OptionValues }),
      ...(title !== null && { title: JSON.parse(title) as SoldTitle }),
      ...countsIn(item),
    })),
    ...chargesIn(row, items),
    paymentId: row.payment_id,
    reason: row.reason,
    shippingAddress: JSON.parse(row.shipping_address) as Order["shippingAddress"],
    ...(row.note !== null && { note: row.note }),
    ...(shipments.length > 0 && { shipments: [...shipments] }),
    createdAt: row.created_at,
    version: row.version,
  };
}

type RefusalCode = Parameters<typeof contract.error>[0];
type Refusal = { readonly refused: RefusalCode; readonly data?: object };

/** The answer to a request to place an order. */
export type Answer = { readonly order: Order } | Refusal;

/** The order as its saga confirmed it, whatever has happened since. Its first version is the placed order. */
export const confirmed = (order: Order, paymentId = order.paymentId): Answer => ({
  order: { ...unsent(order), status: "confirmed", reason: null, paymentId, version: 2 },
});

const unsent = ({ shipments: _1, ...order }: Order): Order => ({ ...order, items: order.items.map(sold) });

/** The line as it was sold. */
const sold = ({ shipped: _1, delivered: _2, lost: _3, cancelled: _4, returned: _5, ...item }: Order["items"][number]) =>
  item;

/** Translates the refusals of other services into errors of an order. */
const refusals: Readonly<Record<string, RefusalCode>> = {
  PRODUCT_OUT_OF_STOCK: "OUT_OF_STOCK",
  PRODUCT_NOT_FOUND: "PRODUCT_UNAVAILABLE",
  USER_COUPON_REFUSED: "COUPON_REFUSED",
  USER_POINTS_TOO_FEW: "POINTS_REFUSED",
  ACCOUNT_ALREADY_OWNED: "TITLE_OWNED",
  ACCOUNT_NOT_AVAILABLE: "TITLE_NOT_AVAILABLE",
  PAYMENT_DECLINED: "PAYMENT_DECLINED",
  PAYMENT_METHOD_NOT_FOUND: "PAYMENT_METHOD_INVALID",
  PAYMENT_METHOD_INVALID: "PAYMENT_METHOD_INVALID",
  EXPIRED: "EXPIRED",
  ORDER_CANCELLED: "CANCELLED",
  ORDER_CANCELLED_BY_SHOP: "CANCELLED",
};

export const refusedFor = ({ code, data }: Pick<Reason, "code" | "data">): Refusal => {
  const refused = refusals[code] ?? "FAILED";
  return data && refused !== "FAILED" ? { refused, data } : { refused };
};

/** The answer as the order's row stores it, without the order itself. */
export const stored = (answer: Answer): string => JSON.stringify("refused" in answer ? answer : {});

/** The answer to the request that placed this order; undefined while its saga has not ended. */
export function answerIn({ answer, status, reason }: OrderRow, order: Order): Answer | undefined {
  if (answer !== null) {
    const known = JSON.parse(answer) as Partial<Refusal>;
    return known.refused ? (known as Refusal) : confirmed(order);
  }
  if (status === "pending" || status === "needs_attention") return undefined;
  // A node of the release before has ended it, and stored no answer here.
  return status === "cancelled" ? refusedFor({ code: reason! }) : confirmed(order);
}

/** @throws the refusal when the answer is one */
export function orderIn(answer: Answer): Order {
  if ("order" in answer) return answer.order;
  throw contract.error(answer.refused, answer.data);
}
