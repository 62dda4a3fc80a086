/** What clients see of orders and quotes. */
import Type, { type Static } from "typebox";
import { Id, Money, Timestamp } from "#core/schema.ts";
import { AppliedCoupon } from "./benefit.contract.ts";
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

/** Of a product with an SKU, and of a variant, such as colour: blue. */
export const variant = {
  sku: Type.Optional(Type.String()),
  optionValues: Type.Optional(Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))),
};
/** Of the units of a line. */
const Some = (what: string) =>
  Type.Optional(Type.Integer({ description: `Units ${what}. Absent while there are none` }));

/** How a film is sold. */
export const SoldTitle = Type.Object(
  {
    kind: Type.Enum(["buy", "rent"]),
    hours: Type.Optional(Type.Integer({ description: "For which it is rented, from when it is granted" })),
    until: Type.Optional({ ...Timestamp, description: "When its rights end" }),
  },
  { title: "SoldTitle", description: "Of a film, whose `videoId` is then the `productId`. Absent for goods" },
);

export const OrderItem = Type.Object(
  {
    productId: Id,
    name: Type.String(),
    quantity: Type.Integer(),
    unitPrice: Money,
    lineTotal: Money,
    /** The part of the coupons that this line has. The tax is on the rest. Absent without one. */
    discount: Type.Optional(Money),
    tax: Money,
    /** Basis points, and whether the price includes the tax. Absent in orders of the release before. */
    taxRate: Type.Optional(Type.Integer()),
    taxIncluded: Type.Optional(Type.Boolean()),
    ...variant,
    title: Type.Optional(SoldTitle),
    shipped: Some("sent, whatever became of them since"),
    delivered: Some("that have arrived, returned ones included"),
    lost: Some("lost on their way, which are refunded"),
    cancelled: Some("cancelled before they were packed"),
    returned: Some("that have come back"),
  },
  { title: "OrderItem" },
);
export type OrderItem = Static<typeof OrderItem>;

const TaxShare = Type.Object(
  {
    rate: Type.Integer({ description: "Basis points" }),
    included: Type.Boolean({ description: "false: it was added to the prices" }),
    /** The prices and the part of the shipping fee that it is on. */
    base: Money,
    tax: Money,
  },
  { title: "TaxShare" },
);

/** The total is the subtotal without the discount, the shipping, and the taxes that are not included in them. */
const charges = {
  subtotal: Money,
  /** What coupons take off the prices. Absent without any. */
  discount: Type.Optional(Money),
  /** After coupons. */
  shipping: Money,
  /** All tax, included or added. */
  tax: Money,
  /** By rate. Empty in orders of the release before. */
  taxes: Type.Array(TaxShare),
  /** The name of the rule by which the shipping costs this. */
  shippingRule: Type.Optional(Type.String()),
  total: Money,
  /** Each with what it took off the prices or the shipping. Absent without any. */
  coupons: Type.Optional(Type.Array(AppliedCoupon)),
  /** Points that pay a part of the total, each one minor unit. Absent without any. */
  points: Type.Optional(Type.Integer()),
  /** What is left of the total after points. Absent without any. */
  payable: Type.Optional(Money),
};
const Charges = Type.Object(charges);
export type Charges = Static<typeof Charges>;

export const shipmentStates = ["packed", "shipped", "delivered", "lost"] as const;
export const ShipmentState = Type.Enum(shipmentStates, { title: "ShipmentState" });
export type ShipmentState = Static<typeof ShipmentState>;

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Shipment = Type.Object(
  {
    id: Id,
    orderId: Id,
    state: ShipmentState,
    carrier: maybe(Type.String()),
    trackingNumber: maybe(Type.String()),
    items: Type.Array(Type.Object({ productId: Id, quantity: Type.Integer() }, { title: "ShipmentItem" })),
    createdAt: Timestamp,
    shippedAt: maybe(Timestamp),
    /** When it was delivered, or was known to be lost. */
    endedAt: maybe(Timestamp),
    version: Type.Integer(),
  },
  { title: "Shipment" },
);
export type Shipment = Static<typeof Shipment>;

export const Order = Type.Object(
  {
    id: Id,
    number: OrderNumber,
    status: Status,
    items: Type.Array(OrderItem),
    ...charges,
    paymentId: Type.Union([Id, Type.Null()]),
    /** The reason for a cancellation, or for `needs_attention`. */
    reason: Type.Union([Type.String(), Type.Null()]),
    shippingAddress: ShippingAddress,
    /** What the customer wrote when they placed it. */
    note: Type.Optional(Type.String()),
    /** Oldest first. Absent while nothing is packed. */
    shipments: Type.Optional(Type.Array(Shipment)),
    createdAt: Timestamp,
    version: Type.Integer(),
  },
  { title: "Order" },
);
export type Order = Static<typeof Order>;

export const Quote = Type.Object(
  { id: Id, items: Type.Array(OrderItem), ...charges, expiresAt: Timestamp },
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
