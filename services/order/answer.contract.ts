/** What clients see of orders and quotes. */
import Type, { type Static } from "typebox";
import { Id, Money, Timestamp } from "#core/schema.ts";
import { ShippingAddress } from "./basket.contract.ts";

/** A node of the release before gave an order none. It gets one within minutes. */
export const OrderNumber = Type.Optional(
  Type.String({ description: "What people call the order by", examples: ["M-2026-004217"] }),
);

export const Status = Type.Enum(
  ["pending", "confirmed", "partially_shipped", "shipped", "delivered", "returned", "cancelled", "needs_attention"],
  { title: "OrderStatus" },
);
export type Status = Static<typeof Status>;

export const OrderItem = Type.Object(
  {
    productId: Id,
    name: Type.String(),
    quantity: Type.Integer(),
    unitPrice: Money,
    lineTotal: Money,
    tax: Money,
  },
  { title: "OrderItem" },
);
export type OrderItem = Static<typeof OrderItem>;

export const Order = Type.Object(
  {
    id: Id,
    number: OrderNumber,
    status: Status,
    items: Type.Array(OrderItem),
    total: Money,
    paymentId: Type.Union([Id, Type.Null()]),
    /** The reason for a cancellation, or for `needs_attention`. */
    reason: Type.Union([Type.String(), Type.Null()]),
    shippingAddress: ShippingAddress,
    /** What the customer wrote when they placed it. */
    note: Type.Optional(Type.String()),
    createdAt: Timestamp,
    version: Type.Integer(),
  },
  { title: "Order" },
);
export type Order = Static<typeof Order>;

export const Quote = Type.Object(
  { id: Id, items: Type.Array(OrderItem), total: Money, expiresAt: Timestamp },
  { title: "Quote" },
);

export const TimelineEntry = Type.Object(
  {
    at: Timestamp,
    step: Type.String(),
    state: Type.String(),
    detail: Type.Optional(Type.String()),
  },
  { title: "TimelineEntry" },
);
export type TimelineEntry = Static<typeof TimelineEntry>;
